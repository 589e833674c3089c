/// What went wrong with the gateway itself; what goes wrong with a single request is a `Problem`.
package struct GatewayError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The environment handed to the process says too little or contradicts itself.
        case invalidEnvironment
        case cannotListen
        case invalidConfiguration
    }

    package let code: Code
    /// What happened, to what, and what to do.
    package let message: String
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
