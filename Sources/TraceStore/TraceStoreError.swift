/// What cannot be done with traces: what happened, to what, and what to do.
package struct TraceStoreError: Error, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        case invalidEnvironment
        case unreadable
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
