import AMQP

/// What the broker said to one row.
enum OutboxResult: Sendable, Equatable {
    case confirmed
    /// No queue takes it, or it cannot be put on the wire: after some attempts it is parked. The broker's words.
    case unroutable(String)
    /// The broker, or the queue it goes to, does not take this one now; others may fare better.
    case refused(String)
    /// Nothing goes through: there is no connection, or the broker blocks.
    case away(String)

    init(_ error: AMQPError?) {
        guard let error else {
            self = .confirmed
            return
        }
        self =
            switch error.code {
            case .unroutable(let text): .unroutable(text)
            case .invalidArgument: .unroutable(error.message)
            case .notConnected, .blocked, .closed, .cancelled, .overloaded: .away(error.message)
            default: .refused(error.message)
            }
    }
}
