package import Supervision

/// Follows an apply until everything that it began is done. Pure: it is told what is to be seen, and says what it makes of it.
package struct ApplyProgress: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// Something is under way still.
        case underWay
        /// Every service is as its declaration says, as far as its status tells.
        case settled
        /// Nothing more will happen before a person does something.
        case failed([String])
    }

    /// Between two instances everything may look settled for a moment.
    private static let calmLooks = 3

    private let steps: [ApplyPlan.Step]
    private var calm = 0

    package init(_ plan: ApplyPlan) { steps = plan.services.filter { $0.action != .none } }

    /// To be called again and again.
    package mutating func look(at status: TopologyStatus) -> Verdict {
        if status.state == .stopping { return .failed(["everything is being stopped"]) }
        var failures: [String] = []
        var isUnderWay = false
        for step in steps {
            let service = status.services.first { $0.name == step.service }
            switch Self.state(of: step, service) {
            case .underWay: isUnderWay = true
            case .settled: break
            case .failed(let reasons): failures += reasons
            }
        }
        if isUnderWay {
            calm = 0
            return .underWay
        }
        calm += 1
        guard calm >= Self.calmLooks else { return .underWay }
        return failures.isEmpty ? .settled : .failed(failures)
    }

    private static func state(of step: ApplyPlan.Step, _ service: ServiceStatus?) -> Verdict {
        guard let service else { return .settled }
        if step.action == .stop { return service.state == .stopped ? .settled : .underWay }
        let isMoving = service.instances.contains(where: \.isMoving)
        switch service.state {
        case .failed: return .failed(["\(service.name): \(service.reason ?? "it has failed")"])
        case .ready, .completed, .scheduled, .stopped: return isMoving ? .underWay : .settled
        case .waiting, .starting, .degraded, .stopping: return .underWay
        }
    }

    /// What is still to come, for a line that is drawn anew: `order 1/3 replaced …`.
    package func waiting(_ status: TopologyStatus) -> String {
        let names = steps.compactMap { step -> String? in
            guard let service = status.services.first(where: { $0.name == step.service }) else { return nil }
            guard case .underWay = Self.state(of: step, service) else { return nil }
            let moving = service.instances.filter { $0.isMoving || !["ready", "completed", "stopped", "scheduled"].contains($0.state) }
            let what = moving.map { "\($0.instance) \($0.isBeingReplaced ? "replacing" : $0.state)" }.joined(separator: ", ")
            return "\(service.name) \(service.ready)/\(service.desired)" + (what.isEmpty ? "" : " (\(what))")
        }
        return names.joined(separator: ", ")
    }

    /// The services of which transitions are worth telling.
    package func concerns(_ service: String) -> Bool { steps.contains { $0.service == service } }

    /// What the plan still holds once everything is settled: a step that had to be taken back, with its reason.
    package func takenBack(_ plan: ApplyPlan) -> [String] {
        plan.services.filter { step in step.action != .none && steps.contains { $0.service == step.service } }.map { step in
            "\(step.service): " + (step.reasons.isEmpty ? "it still differs from the file" : step.reasons.joined(separator: "; "))
        }
    }
}

extension InstanceStatus {
    /// Its successor is on its way, while it works still.
    fileprivate var isBeingReplaced: Bool { reason?.contains("replacement") == true }

    fileprivate var isMoving: Bool {
        isBeingReplaced || ["starting", "replacing", "ending", "draining", "stopping", "killing"].contains(state)
    }
}
