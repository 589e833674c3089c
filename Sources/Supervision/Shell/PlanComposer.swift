import Topology

/// What an apply does to each service, and why. Pure.
struct PlanComposer {
    let from: SupervisedTopology
    let to: SupervisedTopology
    /// By service, where it is not `from`: the topology by which it runs.
    var inForce: [String: SupervisedTopology] = [:]
    /// By service: the declaration that was tried and did not come up.
    var rolledBack: [String: Remembered.RolledBack] = [:]
    /// Services of which nothing runs, and nothing is to: stopped by a person, or none desired.
    var resting: Set<String> = []

    init(
        from: SupervisedTopology, to: SupervisedTopology, inForce: [String: SupervisedTopology] = [:],
        rolledBack: [String: Remembered.RolledBack] = [:], resting: Set<String> = []
    ) {
        self.from = from
        self.to = to
        self.inForce = inForce
        self.rolledBack = rolledBack
        self.resting = resting
    }

    var plan: ApplyPlan {
        let difference = to.topology.difference(from: from.topology)
        var plan = ApplyPlan()
        for server in ["broker", "database", "cache"] {
            switch (from.definition(of: server), to.definition(of: server)) {
            case (nil, nil): break
            case (nil, .some): plan.services.append(.init(service: server, action: .start, reasons: ["new"]))
            case (.some, nil): plan.services.append(.init(service: server, action: .stop, reasons: ["removed"]))
            case (.some(let old), .some(let new)):
                let isSame = old.fingerprint == new.fingerprint
                plan.services.append(
                    .init(service: server, action: isSame ? .none : .recreate, reasons: isSame ? [] : [server]))
            }
        }
        for change in difference.services {
            if let current = inForce[change.name], let own = to.topology.difference(from: current.topology).change(of: change.name) {
                plan.services.append(step(own, from: current))
            } else {
                plan.services.append(step(change, from: from))
            }
        }
        if difference.areRoutesChanged { plan.notes.append("The gateway follows the changed routes without a restart.") }
        if difference.isAdminChanged { plan.notes.append("admin.listen takes effect at the supervisor's next start.") }
        return plan
    }

    /// What the reducer will do is decided by fingerprints; the difference knows the reasons.
    private func step(_ change: ServiceChange, from: SupervisedTopology) -> ApplyPlan.Step {
        let old = from.definition(of: change.name)
        let new = to.definition(of: change.name)
        var step = ApplyPlan.Step(service: change.name, action: action(change.action), reasons: change.reasons)
        guard let old, let new else { return step }
        let secrets = to.secrets.changes(of: change.name, from: from.secrets).map { "secrets[\($0)]" }
        if old.foundation != new.foundation {
            step.action = .recreate
        } else if old.fingerprint != new.fingerprint {
            step.action = replacement(by: new.lifetime)
            if change.action == .none || change.action == .inPlace { step.reasons += environmentReasons(change.name, from: from) }
            step.reasons += secrets
        } else if change.action == .rolling || change.action == .recreate {
            step.action = .inPlace
        }
        if resting.contains(change.name), [.rolling, .recreate].contains(step.action) {
            step.action = .inPlace
            step.reasons.append(Self.restingReason)
        }
        if let refused = rolledBack[change.name], refused.fingerprint == new.fingerprint {
            step.reasons.append("rolled back before: \(refused.reason)")
        }
        return step
    }

    static let restingReason = "none of it runs now: it holds from its next start"

    private func replacement(by lifetime: Lifetime) -> ApplyPlan.Step.Action {
        switch lifetime {
        case .continuous: .rolling
        // It is run again.
        case .once: .recreate
        // A run under way ends as it began; the next one is another.
        case .scheduled: .inPlace
        }
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
    private func environmentReasons(_ service: String, from: SupervisedTopology) -> [String] {
        let old = from.environment(of: service)?.common ?? [:]
        let new = to.environment(of: service)?.common ?? [:]
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
