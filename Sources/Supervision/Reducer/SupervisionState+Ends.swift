import Topology

/// What becomes of an instance when a process of it is gone.
extension SupervisionState {
    mutating func ended(_ p: Position, _ termination: Termination, upFor: Duration) {
        let (s, i) = (p.service, p.instance)
        services[s].instances[i].lastExit = termination
        if services[s].definition.kind == .server {
            makeProvisioningDue(s)
            doubtWasRight(s)
        }
        if p.seat == .companion {
            successorEnded(p, termination, upFor: upFor)
        } else if services[s].instances[i].hasSuccessor && isWanted(s, i) {
            promote(s, i, termination)
        } else {
            mainEnded(p, termination, upFor: upFor)
        }
    }

    private mutating func mainEnded(_ p: Position, _ termination: Termination, upFor: Duration) {
        let occupant = self[p]
        let isWanted = isWanted(p.service, p.instance)
        let isBeingEnded = Self.isBeingEnded(occupant.phase)
        let evidence = termination.description
        switch (isBeingEnded, occupant.endCause) {
        case (true, .asked),
            (true, .unhealthy) where !isWanted:
            enter(.stopped, p, cause: "it has ended", evidence: evidence)
        case (true, .unhealthy(let reason)):
            restartOrGiveUp(p, upFor: upFor, cause: reason, evidence: evidence)
        case (false, _):
            endedByItself(p, termination, upFor: upFor)
        }
    }

    /// What its rules make of it that a process ended unasked.
    mutating func endedByItself(_ p: Position, _ termination: Termination, upFor: Duration) {
        let isWanted = isWanted(p.service, p.instance)
        let cause = "it ended by itself"
        let evidence = termination.description
        switch consequence(p.service, termination) {
        case .complete where isWanted || !services[p.service].isContinuous: complete(p, evidence: evidence)
        case _ where !isWanted: enter(.stopped, p, cause: cause, evidence: evidence)
        case .restart: restartOrGiveUp(p, upFor: upFor, cause: cause, evidence: evidence)
        case .fail: giveUp(p, failure(p.service, termination), cause: cause, evidence: evidence)
        case .complete: break
        }
    }

    private mutating func successorEnded(_ p: Position, _ termination: Termination, upFor: Duration) {
        let occupant = self[p]
        let evidence = termination.description
        guard services[p.service].instances[p.instance].role == .successor else {
            return companionGone(p.service, p.instance, cause: "it has ended", evidence: evidence)
        }
        if Self.isBeingEnded(occupant.phase), case .unhealthy(let reason) = occupant.endCause {
            return successorFell(p, upFor: upFor, cause: reason, evidence: evidence)
        }
        switch consequence(p.service, termination) {
        case .restart: successorFell(p, upFor: upFor, cause: "it ended by itself", evidence: evidence)
        case .complete, .fail:
            record(p, from: occupant.phase.label, to: "stopped", cause: "it ended by itself", evidence: evidence)
            setPhase(.stopped, p)
            trialFailed(p, "it ended with \(evidence) before it was ready")
        }
    }

    private mutating func complete(_ p: Position, evidence: String) {
        let (s, i) = (p.service, p.instance)
        let cause = "it has done its work"
        services[s].instances[i].completedFingerprint = services[s].instances[i].main.fingerprint
        services[s].instances[i].main.history = RestartHistory()
        services[s].instances[i].main.trialUntil = nil
        services[s].instances[i].replacement = nil
        if services[s].isContinuous, services[s].instances[i].main.fingerprint != services[s].definition.fingerprint {
            // Done with a declaration that is not in force any more.
            services[s].instances[i].keepsPrevious = false
            return enter(.stopped, p, cause: cause, evidence: evidence)
        }
        guard services[s].schedule != nil else { return enter(.completed, p, cause: cause, evidence: evidence) }
        services[s].runs.hasCompleted = true
        enter(.scheduled, p, cause: cause, evidence: evidence)
    }

    /// The way of everything that ended and is to run. One whose dependencies are away waits for them: that it died is not held against it.
    mutating func restartOrGiveUp(_ p: Position, upFor: Duration, cause: String, evidence: String?) {
        let (s, i) = (p.service, p.instance)
        services[s].instances[i].restarts += 1
        isMemoryStale = true
        let missing = unsatisfiedDependencies(s)
        guard missing.isEmpty else { return enter(.waiting(for: missing), p, cause: cause, evidence: evidence) }
        let rules = services[s].definition.restart
        switch services[s].instances[i].main.history.decide(by: rules, upFor: upFor, at: now, random: &random) {
        case .restart(let delay) where delay <= .zero: begin(p, cause: cause, evidence: evidence, actor: Wish.supervisor)
        case .restart(let delay): enter(.backoff(until: now + delay), p, cause: cause, evidence: evidence)
        case .giveUp(let reason):
            services[s].instances[i].gaveUpAt = now
            giveUp(p, reason + Self.lastTime(evidence), cause: cause, evidence: evidence)
        }
        doubtServers(of: s)
    }

    /// It waits for a person, unless it is the first of an update: then what ran before comes back.
    mutating func giveUp(_ p: Position, _ reason: String, cause: String, evidence: String?) {
        let (s, i) = (p.service, p.instance)
        services[s].instances[i].replacement = nil
        let isOutdated = services[s].definition.lifetime == .once && self[p].fingerprint != services[s].definition.fingerprint
        if isOutdated || services[s].instances[i].keepsPrevious && services[s].previous != nil {
            // Its turn has come: that the declaration before is no good to it says nothing of the one in force.
            services[s].instances[i].keepsPrevious = false
            services[s].instances[i].main.history = RestartHistory()
            return enter(.stopped, p, cause: cause, evidence: evidence)
        }
        enter(.failed(reason), p, cause: cause, evidence: evidence)
        if self[p].trialUntil != nil { trialFailed(p, reason) }
    }

    // MARK: Rules

    private func consequence(_ s: Int, _ termination: Termination) -> RestartException.Consequence {
        let definition = services[s].definition
        for exception in definition.restart.exceptions where termination.fits(exception.ends) { return exception.consequence }
        if definition.lifetime != .continuous && termination.isSuccess { return .complete }
        return switch definition.restart.policy {
        case .always: .restart
        case .onFailure: termination.isSuccess ? .complete : .restart
        case .never: termination.isSuccess ? .complete : .fail
        }
    }

    private func failure(_ s: Int, _ termination: Termination) -> String {
        let restart = services[s].definition.restart
        if restart.exceptions.contains(where: { termination.fits($0.ends) }) {
            return "it ended with \(termination), after which its restart rules do not start it again"
        }
        return "it ended with \(termination), and its restart policy is never"
    }

    private static func isBeingEnded(_ phase: InstancePhase) -> Bool {
        switch phase {
        case .draining, .stopping: true
        default: false
        }
    }
}
