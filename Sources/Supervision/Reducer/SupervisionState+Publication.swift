import Topology

extension SupervisionState {
    mutating func updateUpstreams(_ s: Int) {
        let service = services[s]
        guard service.definition.takesRequests && !(service.isRemoved && service.instances.isEmpty) else {
            if upstreams.removeValue(forKey: service.name) != nil { arePublishedUpstreamsStale = true }
            return
        }
        var list: [GatewayConfiguration.Upstream] = []
        for instance in service.instances {
            if let main = Self.upstream(instance.number, instance.main.phase) { list.append(main) }
            if instance.role == .leaving, let companion = instance.companion, let old = Self.upstream(instance.number, companion.phase) {
                list.append(old)
            }
        }
        guard upstreams[service.name] != list else { return }
        upstreams[service.name] = list
        arePublishedUpstreamsStale = true
    }

    mutating func publishUpstreams() {
        guard arePublishedUpstreamsStale else { return }
        arePublishedUpstreamsStale = false
        // Before anything that follows from it: whoever drains must have been announced first.
        effects.insert(.publishGatewayConfiguration(upstreams), at: 0)
    }

    private static func upstream(_ number: Int, _ phase: InstancePhase) -> GatewayConfiguration.Upstream? {
        let state: GatewayConfiguration.Upstream.State
        switch phase {
        case .up(_, let health) where health.isReady: state = .ready
        case .draining, .stopping: state = .draining
        default: return nil
        }
        guard let port = phase.process?.port else { return nil }
        return GatewayConfiguration.Upstream(instance: number, host: "127.0.0.1", port: port, state: state)
    }
}
