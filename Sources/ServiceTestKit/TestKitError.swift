/// What a test's surroundings could not do.
public struct TestKitError: Error, Sendable, CustomStringConvertible {
    /// For a person: what happened, to what, and what to do.
    public let message: String
    public let underlying: (any Error)?

    public init(_ message: String, underlying: (any Error)? = nil) {
        self.message = message
        self.underlying = underlying
    }

    public var description: String { underlying.map { "\(message) (\($0))" } ?? message }
}
