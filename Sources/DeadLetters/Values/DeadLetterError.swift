/// Why something could not be done with dead letters.
package struct DeadLetterError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The topology has no such queue, or the queue has no dead letters because it is not durable.
        case unknownQueue
        /// No dead letter of this id, or no replay.
        case notFound
        /// The id names several, or what was asked contradicts what is under way.
        case conflict
        /// What was asked makes no sense: nothing was done.
        case invalid
        /// There is no connection to the broker, or the queue has not been read yet.
        case notReady
        case broker
        /// The state directory cannot be used.
        case stateDirectory
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
