/// What went wrong between this process and the broker.
public struct AMQPError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// There is no connection, or it was lost. From `publish`: the deadline passed before there was one, nothing was sent.
        case notConnected
        /// No queue takes a message with this routing key. The broker's reply text.
        case unroutable(String)
        /// Nobody consumes the queue that the request is for: it was not sent.
        case noConsumer
        /// The broker refused responsibility for the message (a full queue that rejects publishes, or an error of its own).
        case nacked
        /// The deadline passed. A message that was sent already may have arrived.
        case deadlineExceeded
        /// The broker takes no messages (memory or disk alarm) and the deadline passed before this one was sent.
        case blocked
        /// The awaiting task was cancelled. A message that was sent already may have arrived.
        case cancelled
        /// This client was closed by its owner.
        case closed
        case accessRefused
        case preconditionFailed
        /// The exchange, queue or virtual host does not exist.
        case notFound
        /// An exclusive queue belongs to another connection.
        case resourceLocked
        case invalidURL
        /// What the caller handed over cannot be put on the wire.
        case invalidArgument
        /// More callers wait than this client allows.
        case overloaded
        case protocolViolation
        /// Any other reply code of the broker.
        case refused(Int)
    }

    public let code: Code
    /// For a person: what happened, to what, and what to do.
    public let message: String
    public let underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }

    public static func == (left: Self, right: Self) -> Bool {
        left.code == right.code && left.message == right.message
    }
}

extension AMQPError {
    /// - Parameters:
    ///   - replyCode: as in `connection.close` and `channel.close`.
    ///   - replyText: the broker's words.
    init(replyCode: Int, replyText: String) {
        let code: Code =
            switch replyCode {
            case 312, 313: .unroutable(replyText)
            case 320: .notConnected
            case 402, 404: .notFound
            case 403: .accessRefused
            case 405: .resourceLocked
            case 406: .preconditionFailed
            case 501...505: .protocolViolation
            case 530 where replyText.contains("not found"): .notFound
            case 530: .accessRefused
            default: .refused(replyCode)
            }
        self.init(code, "the broker says: \(replyText) (\(replyCode))")
    }
}
