import Topology

/// What needs a server ends when the server goes away, often long before a probe has seen that. So the first end of such a process casts
/// doubt on the server: it is asked at once, a single failure then counts, and nothing more that needs it is started until it has answered.
extension SupervisionState {
    mutating func doubtServers(of s: Int) {
        guard !isShuttingDown else { return }
        for edge in graph.dependencies[s] where edge.condition == .ready && services[edge.service].definition.kind == .server {
            guard services[edge.service].doubtedSince == nil, services[edge.service].definition.readiness != nil,
                let i = services[edge.service].instances.firstIndex(where: { $0.main.phase.isReady })
            else { continue }
            let p = Position(edge.service, i)
            guard case .up(let process, _) = self[p].phase else { continue }
            services[edge.service].doubtedSince = now
            effects.append(.stopProbes(id(p)))
            startProbes(p, process, [.readiness, .liveness])
        }
    }

    /// It has answered.
    mutating func doubtIsOver(_ s: Int) {
        guard services[s].doubtedSince != nil else { return }
        services[s].doubtedSince = nil
        markChanged(s)
    }

    /// It is away. That processes which need it have ended meanwhile is not held against them.
    mutating func doubtWasRight(_ s: Int) {
        guard let since = services[s].doubtedSince else { return }
        services[s].doubtedSince = nil
        for user in graph.users[s] where graph.dependencies[user].contains(where: { $0.service == s }) {
            for i in services[user].instances.indices {
                services[user].instances[i].main.history = RestartHistory()
                guard case .failed = services[user].instances[i].main.phase, let gaveUpAt = services[user].instances[i].gaveUpAt,
                    gaveUpAt >= since
                else { continue }
                enter(.stopped, Position(user, i), cause: "\(services[s].name) was away when it ended")
            }
            markDirty(user)
        }
        isMemoryStale = true
    }
}
