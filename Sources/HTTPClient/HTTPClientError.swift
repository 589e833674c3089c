/// Why a request got no answer.
package struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// Nothing listens there, or the connection was refused.
        case cannotConnect
        case timedOut
        /// The connection ended before the answer was whole.
        case connectionClosed
        /// The answer's body is longer than the request's `maximumBody`.
        case tooLarge
        case invalidResponse
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
