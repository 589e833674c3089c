import AMQP

/// A publish or a request, from when it was asked for until it is settled.
struct Call: Sendable {
    enum Kind: Sendable {
        case publish
        /// - Parameter queue: the one that has to be consumed; nil where that does not matter.
        case request(consumedFrom: String?)
    }

    typealias Outcome = Result<AMQPMessage?, AMQPError>

    let id: UInt64
    let connection: UInt64
    var publication: AMQPPublication
    let kind: Kind
    /// By the clock's offset.
    let deadline: Duration
    let promise: Promise<Outcome>
}
