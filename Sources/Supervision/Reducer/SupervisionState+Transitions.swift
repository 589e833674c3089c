extension SupervisionState {
    /// Takes a process to its next phase, and records it if that has another name.
    mutating func enter(
        _ phase: InstancePhase, _ p: Position, cause: String, evidence: String? = nil, actor: String = Wish.supervisor
    ) {
        let from = self[p].phase.label
        setPhase(phase, p)
        let to = phase.label
        guard from != to else { return markDirty(p.service) }
        noteChange(p, phase)
        record(p, from: from, to: to, cause: cause, evidence: evidence, actor: actor)
    }

    /// Without a word of it.
    mutating func setPhase(_ phase: InstancePhase, _ p: Position) {
        switch p.seat {
        case .main: services[p.service].instances[p.instance].main.phase = phase
        case .companion: services[p.service].instances[p.instance].companion?.phase = phase
        }
    }

    private mutating func noteChange(_ p: Position, _ phase: InstancePhase) {
        markChanged(p.service)
        switch phase {
        case .waiting, .backoff, .failed, .completed, .spawning, .stopped: isMemoryStale = true
        case .up, .clearing, .draining, .stopping, .scheduled: break
        }
    }

    /// Of a process beside the main one the labels say which of the two is meant: `new starting`, `old draining`.
    func label(_ label: String, _ p: Position) -> String {
        guard p.seat == .companion else { return label }
        return services[p.service].instances[p.instance].role == .successor ? "new \(label)" : "old \(label)"
    }

    mutating func record(
        _ p: Position, from: String, to: String, cause: String, evidence: String? = nil, actor: String = Wish.supervisor
    ) {
        effects.append(
            .record(
                Transition(
                    service: services[p.service].name, instance: services[p.service].instances[p.instance].number, from: label(from, p),
                    to: label(to, p), cause: cause, evidence: evidence, actor: actor)))
    }

    mutating func recordService(_ s: Int, from: String, to: String, cause: String, evidence: String? = nil, actor: String = Wish.supervisor)
    {
        effects.append(
            .record(
                Transition(
                    service: services[s].name, instance: nil, from: from, to: to, cause: cause, evidence: evidence, actor: actor)))
    }
}
