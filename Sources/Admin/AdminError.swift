/// Why the admin endpoint could not be set up.
package struct AdminError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The address is not a loopback address.
        case notLoopback
        /// The address is taken, or may not be bound.
        case cannotListen
        /// The token file cannot be made, read or trusted.
        case token
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
