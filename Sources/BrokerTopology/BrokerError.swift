/// Why the broker could not be read or changed.
package struct BrokerError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// No answer from the management API.
        case unreachable
        /// It does not take the user or the password, or the user may not do this.
        case unauthorized
        case notFound
        /// The change is one that RabbitMQ refuses; nothing was done.
        case refused
        /// The management API said no to one step; those before it are done.
        case rejected(status: Int)
        case invalidAnswer
        case invalidURL
        case deadlineExceeded
    }

    package var code: Code
    package var message: String
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
