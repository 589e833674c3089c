import Topology

/// What an apply does to each service, and why. Pure.
struct PlanComposer {
    let from: SupervisedTopology
    let to: SupervisedTopology

    init(from: SupervisedTopology, to: SupervisedTopology) {
        self.from = from
        self.to = to
    }

    var plan: ApplyPlan {
        let difference = to.topology.difference(from: from.topology)
        var plan = ApplyPlan()
        for server in ["broker", "database", "cache"] {
            switch (from.definition(of: server), to.definition(of: server)) {
            case (nil, .some): plan.services.append(.init(service: server, action: .start, reasons: ["new"]))
            case (.some, nil): plan.services.append(.init(service: server, action: .stop, reasons: ["removed"]))
            case (.some(let old), .some(let new)) where old.fingerprint != new.fingerprint:
                plan.services.append(.init(service: server, action: .recreate, reasons: [server]))
            default: break
            }
        }
        for change in difference.services {
            let step = step(change)
            if step.action != .none { plan.services.append(step) }
        }
        if difference.areRoutesChanged { plan.notes.append("The gateway follows the changed routes without a restart.") }
        if difference.isAdminChanged { plan.notes.append("admin.listen takes effect at the supervisor's next start.") }
        return plan
    }

    /// What the reducer will do is decided by fingerprints; the difference knows the reasons.
    private func step(_ change: ServiceChange) -> ApplyPlan.Step {
        let old = from.definition(of: change.name)
        let new = to.definition(of: change.name)
        var step = ApplyPlan.Step(service: change.name, action: action(change.action), reasons: change.reasons)
        guard let old, let new else { return step }
        if old.foundation != new.foundation {
            step.action = .recreate
        } else if old.fingerprint != new.fingerprint {
            step.action = .rolling
            if change.action == .none || change.action == .inPlace { step.reasons += environmentReasons(change.name) }
        } else if change.action == .rolling || change.action == .recreate {
            step.action = .inPlace
        }
        return step
    }

    private func action(_ action: ServiceChange.Action) -> ApplyPlan.Step.Action {
        switch action {
        case .none: .none
        case .inPlace: .inPlace
        case .rolling: .rolling
        case .recreate: .recreate
        case .start: .start
        case .stop: .stop
        }
    }

    /// The names alone: values may be secret.
    private func environmentReasons(_ service: String) -> [String] {
        let old = from.environment(of: service)?.common ?? [:]
        let new = to.environment(of: service)?.common ?? [:]
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
