/// What the keeper already had when the supervisor came up.
package struct FoundProcess: Sendable, Equatable {
    package enum Condition: Sendable, Equatable {
        /// - Parameter isReady: the gateway was sending it requests, and goes on until a probe says otherwise.
        case running(SpawnedProcess, isReady: Bool)
        /// It ended while no supervisor was there to see it.
        ///
        /// - Parameter fingerprint: of the declaration it was started with; nil: not known.
        case ended(Termination, fingerprint: String? = nil)
    }

    package var id: InstanceID
    package var condition: Condition
    /// An earlier supervisor has recorded its end already, and was killed before the keeper had forgotten it.
    package var isEndTold: Bool

    package init(id: InstanceID, condition: Condition, isEndTold: Bool = false) {
        self.id = id
        self.condition = condition
        self.isEndTold = isEndTold
    }
}
