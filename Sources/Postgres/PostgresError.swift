/// What went wrong with a database, a connection to it, or a statement.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The connection ended while something was under way on it. Whether that took effect is not known, unless it was part of a
        /// transaction: then it was rolled back.
        case connectionLost
        /// No connection could be made: until the deadline where that may pass, at once where it will not (wrong password, no such database).
        case cannotConnect
        /// The server refused the statement; the five characters of the SQLSTATE (Appendix A of the PostgreSQL manual).
        case sqlState(String)
        /// The deadline passed. A statement under way was cancelled and its connection dropped.
        case timeout
        /// The task was cancelled. A statement under way was cancelled and its connection dropped.
        case cancelled
        /// The connection was lost while COMMIT was under way: the transaction took effect or did not.
        case commitUnknown
        /// The transaction could not be committed because a statement in it had failed, though the body did not throw.
        case transactionAborted
        /// A column is missing, null, or of another type than was asked for.
        case decoding
        /// A parameter cannot be sent: PostgreSQL's text holds no NUL characters.
        case encoding
        case invalidURL
        /// The pool has been closed.
        case closed
        /// Too many are waiting for a connection, or too many statements for one connection.
        case exhausted
        /// A connection was used after its `withConnection` or `transaction` had returned.
        case handleEnded
        /// COPY, which this client does not do.
        case unsupported
    }

    public var code: Code
    /// For a person: what happened, to what, what to do. Never holds a password or a parameter's value.
    public var message: String
    /// The constraint that a statement violated, where the server named one.
    public var constraint: String?
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, constraint: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.constraint = constraint
        self.underlying = underlying
    }

    /// The SQLSTATE, when the server refused the statement.
    public var sqlState: String? {
        if case .sqlState(let state) = code { state } else { nil }
    }

    public var isUniqueViolation: Bool { sqlState == "23505" }

    public var description: String {
        sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
    }
}
