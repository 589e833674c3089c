/// What the keeper already had when the supervisor came up.
package struct FoundProcess: Sendable, Equatable {
    package enum Condition: Sendable, Equatable {
        /// - Parameter isReady: the gateway was sending it requests, and goes on until a probe says otherwise.
        case running(SpawnedProcess, isReady: Bool)
        /// It ended while no supervisor was there to see it.
        case ended(Termination)
    }

    package var id: InstanceID
    package var condition: Condition

    package init(id: InstanceID, condition: Condition) {
        self.id = id
        self.condition = condition
    }
}
