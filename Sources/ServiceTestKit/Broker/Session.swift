import AMQP

/// One client's connection to the broker.
struct Session: Sendable {
    enum State: Sendable {
        case open, cut, closed
    }

    var state: State
    /// Of a requester.
    var replyQueue: String?
}
