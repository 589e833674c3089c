/// One of the at most two processes of an instance, over all its restarts.
package struct Occupant: Sendable, Equatable {
    /// Why a process is being ended.
    package enum EndCause: Sendable, Equatable {
        case asked
        /// Counts as a death.
        case unhealthy(String)
    }

    package let slot: InstanceID.Slot
    package var phase: InstancePhase = .stopped
    /// Of the declaration it was last started with.
    package var fingerprint = ""
    package var endCause: EndCause = .asked
    package var history = RestartHistory()
    /// The first process of an update or a restart: what it takes the place of comes back unless it is ready by then.
    package var trialUntil: Duration?
    /// On trial without a probe: it counts as ready once it has been up until then.
    package var provenAt: Duration?

    package init(slot: InstanceID.Slot) { self.slot = slot }

    /// When time alone makes something of it.
    var deadline: Duration? {
        var deadline = phase.deadline
        switch phase {
        case .stopped, .failed, .completed, .scheduled: return nil
        case .up(_, let health):
            if health.isReady { return deadline }
            if let provenAt { deadline = min(deadline ?? provenAt, provenAt) }
        case .waiting, .spawning, .clearing, .draining, .stopping, .backoff: break
        }
        if let trialUntil { deadline = min(deadline ?? trialUntil, trialUntil) }
        return deadline
    }
}
