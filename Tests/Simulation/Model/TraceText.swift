import Supervision
import Topology

/// Events and effects in few words.
enum TraceText {
    static func event(_ event: SupervisionEvent) -> String {
        switch event {
        case .started(let services, let previous, let memory, let found):
            "started \(services.map(brief)) previous \(previous.values.map(brief).sorted()) \(memory) found "
                + found.map { "\($0.id) \($0.condition)" }.joined(separator: ", ")
        case .topologyApplied(let services, _): "applied \(services.map(brief))"
        default: "\(event)"
        }
    }

    static func effect(_ effect: SupervisionEffect) -> String {
        switch effect {
        case .record(let t):
            "record \(t.service)\(t.instance.map { "/\($0)" } ?? ""): \(t.from) → \(t.to): \(t.cause) (\(t.evidence ?? ""))"
        case .startProbes(let id, let process, let assignments): "startProbes \(id) \(process.generation) \(assignments.map(\.purpose))"
        case .publishGatewayConfiguration(let upstreams):
            "publish "
                + upstreams.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.map { "\($0.instance):\($0.state)" })" }
                .joined(separator: " ")
        case .remember: "remember"
        default: "\(effect)"
        }
    }

    /// Where everything stands.
    static func summary(_ state: SupervisionState, _ processes: [InstanceID: SimulatedProcess]) -> [String] {
        state.services.map { service in
            let instances = service.instances.map { instance in
                let main = "\(instance.number)\(instance.main.slot) \(instance.phase.label) \(instance.main.fingerprint)"
                let rest = instance.companion.map { " + \(instance.role) \($0.phase.label) \($0.fingerprint)" } ?? ""
                return main + rest + (instance.replacement == nil ? "" : " to be replaced")
                    + (instance.keepsPrevious ? " keeps previous" : "")
                    + (instance.main.trialUntil == nil ? "" : " on trial") + " \(instance.intent)"
            }
            return "\(brief(service.definition)), desired \(service.desired)\(service.isHeld ? ", held" : "")"
                + (service.previous.map { ", before it \($0.fingerprint)" } ?? "")
                + (service.rolledBack.map { ", refused \($0.fingerprint)" } ?? "")
                + (service.isRecreating ? ", recreating" : "") + ": \(instances.joined(separator: "; "))"
        } + ["processes: " + processes.keys.sorted().map { "\($0) \(processes[$0]?.fingerprint ?? "")" }.joined(separator: ", ")]
    }

    private static func brief(_ service: SupervisedService) -> String {
        "\(service.name):\(service.fingerprint):\(service.foundation) ×\(service.instances) needs "
            + service.dependencies.map { "\($0.name).\($0.condition)" }.joined(separator: "+")
            + (service.update.overlap ? " overlap" : "")
            + (service.lifetime == .continuous ? "" : service.lifetime == .once ? " once" : " scheduled") + " \(service.restart.policy)"
    }
}
