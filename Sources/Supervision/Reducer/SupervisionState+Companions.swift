import Topology

/// The second process of an instance, while one replaces the other.
extension SupervisionState {
    mutating func settleCompanion(_ s: Int, _ i: Int) {
        guard services[s].instances[i].companion != nil else { return }
        let p = Position(s, i, .companion)
        if services[s].instances[i].role == .successor && !isWanted(s, i) { retire(s, i, wish: wish(s)) }
        guard let companion = services[s].instances[i].companion else { return }
        if services[s].instances[i].role == .leaving, case .up = companion.phase {
            endProcess(p, because: .asked, wish: Wish("another process has taken its place", by: Wish.supervisor))
        } else {
            attend(p)
        }
    }

    /// Starts a process that is to take the main one's place.
    mutating func beginSuccession(_ s: Int, _ i: Int, wish: Wish) {
        let p = Position(s, i, .companion)
        var successor = Occupant(slot: services[s].instances[i].main.slot.other)
        successor.trialUntil = now + services[s].definition.update.readyWithin
        services[s].instances[i].companion = successor
        services[s].instances[i].role = .successor
        record(Position(s, i), from: services[s].instances[i].phase.label, to: "replacing", cause: wish.cause, actor: wish.actor)
        begin(p, cause: wish.cause, actor: wish.actor)
    }

    /// The successor is ready: it is the main process from now on, and the one before it is ended.
    mutating func succeed(_ s: Int, _ i: Int) {
        guard let successor = services[s].instances[i].companion, services[s].instances[i].role == .successor else { return }
        let old = services[s].instances[i].main
        record(
            Position(s, i), from: "replacing", to: successor.phase.label, cause: "its replacement is ready",
            evidence: successor.phase.process?.pid.map { "pid \($0)" })
        services[s].instances[i].role = .leaving
        take(successor, s, i)
        services[s].instances[i].companion = old
        services[s].instances[i].companion?.trialUntil = nil
        markChanged(s)
        endProcess(
            Position(s, i, .companion), because: .asked, wish: Wish("another process has taken its place", by: Wish.supervisor))
    }

    /// The main process has ended, and its successor is there already, or almost.
    mutating func promote(_ s: Int, _ i: Int, _ termination: Termination) {
        guard let successor = services[s].instances[i].companion else { return }
        record(
            Position(s, i), from: "replacing", to: successor.phase.label, cause: "it ended before its replacement was ready",
            evidence: termination.description)
        services[s].instances[i].companion = nil
        take(successor, s, i)
        isMemoryStale = true
        markChanged(s)
    }

    private mutating func take(_ successor: Occupant, _ s: Int, _ i: Int) {
        services[s].instances[i].main = successor
        services[s].instances[i].keepsPrevious = services[s].previous?.fingerprint == successor.fingerprint
        services[s].instances[i].replacement = nil
        noteOtherDeclaration(s, i)
    }

    /// A successor that is not wanted any more goes.
    mutating func retire(_ s: Int, _ i: Int, wish: Wish) {
        guard let companion = services[s].instances[i].companion, services[s].instances[i].role == .successor else { return }
        let p = Position(s, i, .companion)
        markChanged(s)
        services[s].instances[i].companion?.trialUntil = nil
        guard companion.phase.isLive else {
            record(p, from: companion.phase.label, to: "stopped", cause: wish.cause, actor: wish.actor)
            services[s].instances[i].companion = nil
            return
        }
        services[s].instances[i].role = .leaving
        endProcess(p, because: .asked, wish: wish)
    }

    mutating func companionGone(_ s: Int, _ i: Int, cause: String, evidence: String?) {
        let p = Position(s, i, .companion)
        record(p, from: self[p].phase.label, to: "stopped", cause: cause, evidence: evidence)
        services[s].instances[i].companion = nil
        markChanged(s)
    }

    /// A successor has ended, or could not be started, before it was ready.
    mutating func successorFell(_ p: Position, upFor: Duration, cause: String, evidence: String?) {
        let missing = unsatisfiedDependencies(p.service)
        guard missing.isEmpty else { return enter(.waiting(for: missing), p, cause: cause, evidence: evidence) }
        guard var history = services[p.service].instances[p.instance].companion?.history else { return }
        let decision = history.decide(by: services[p.service].definition.restart, upFor: upFor, at: now, random: &random)
        services[p.service].instances[p.instance].companion?.history = history
        switch decision {
        case .restart(let delay) where delay <= .zero: begin(p, cause: cause, evidence: evidence, actor: Wish.supervisor)
        case .restart(let delay): enter(.backoff(until: now + delay), p, cause: cause, evidence: evidence)
        case .giveUp(let reason):
            setPhase(.stopped, p)
            trialFailed(p, reason + Self.lastTime(evidence))
        }
    }

    static func lastTime(_ evidence: String?) -> String { evidence.map { "; the last time with \($0)" } ?? "" }
}
