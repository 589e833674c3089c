/// What went wrong with a cache, the connection to it, or a command.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// There is no connection at present; it is being made anew. Nothing was waited for.
        case notConnected
        /// The connection was lost while the command was under way: it took effect or did not.
        case connectionLost
        /// No answer within the client's operation timeout.
        case timeout
        case cancelled
        /// Redis refused the command; its reason is in the message.
        case refused
        /// The answer is of another kind than the command's.
        case unexpectedReply
        /// Too many commands, or too many bytes, wait for the server.
        case exhausted
        case invalidURL
        case closed
    }

    public var code: Code
    /// For a person: what happened, to what, what to do. Never holds a password, a key or a value.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
