/// What keeps a service from starting or working: its surroundings or its set-up are wrong.
public struct ServiceError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// A variable that the process was handed cannot be understood.
        case invalidEnvironment
        /// Something was used for which the service names no `depends_on`.
        case missingDependency
        /// A queue is read that is not this service's in the topology.
        case unknownQueue
        /// Handlers, answers or migrations contradict one another.
        case invalidSetUp
        /// An applied migration's SQL is no longer what was applied, or a migration failed.
        case migration
        /// A message or an event cannot be understood.
        case invalidEvent
        /// An event type's JSON cannot be found out, or a record of it cannot be understood.
        case invalidContract
    }

    public var code: Code
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String {
        guard let underlying else { return message }
        return "\(message) (\(underlying))"
    }
}
