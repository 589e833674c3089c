extension SupervisionState {
    mutating func shutDown(reason: String, within limit: Duration?) {
        if !isShuttingDown {
            isShuttingDown = true
            shutdownWish = Wish(reason, by: Wish.supervisor)
        }
        if let limit { shutdownDeadline = min(shutdownDeadline ?? now + limit, now + max(.zero, limit)) }
        markAll()
        if let shutdownDeadline, shutdownDeadline <= now { passShutdownDeadline() }
        hasSettled = true
        if services.isEmpty { settle() }
    }

    /// Nothing that uses it is left, or nothing that could be waited for any longer.
    func mayStop(_ s: Int) -> Bool {
        guard isShuttingDown else { return false }
        if services[s].definition.kind == .server, shutdownKills > 1 { return true }
        return !graph.stopsAfter[s].contains { services[$0].isLive }
    }

    /// Whatever is left of the services is killed, and again while it is there. Servers are never killed for it: they have what the keeper
    /// gives for an orderly end, and do not wait longer for what even a kill does not end.
    mutating func passShutdownDeadline() {
        shutdownDeadline = now + Self.killInterval
        shutdownKills += 1
        for s in services.indices {
            markDirty(s)
            guard services[s].definition.kind == .service else { continue }
            for i in services[s].instances.indices {
                killForShutdown(Position(s, i))
                if services[s].instances[i].companion != nil { killForShutdown(Position(s, i, .companion)) }
            }
        }
    }

    private mutating func killForShutdown(_ p: Position) {
        let cause = "the time for the shutdown is over"
        switch self[p].phase {
        case .up(let process, _):
            effects.append(.stopProbes(id(p)))
            if process.pid == nil { return enter(.stopped, p, cause: cause) }
            kill(p, process, cause: cause)
        case .clearing(let process, _), .draining(let process, _), .stopping(let process, _, _):
            kill(p, process, cause: cause)
        case .waiting, .spawning, .backoff, .stopped, .failed, .completed, .scheduled:
            break
        }
    }

    /// Who keeps the shutdown from going on, for a person.
    var shutdownReason: String? {
        let ending = services.flatMap { service in
            service.instances.flatMap { instance in
                [instance.main, instance.companion].compactMap { occupant -> String? in
                    switch occupant?.phase {
                    case .spawning, .clearing, .draining, .stopping:
                        return "\(service.name)/\(instance.number) (\(occupant?.phase.label ?? ""))"
                    default: return nil
                    }
                }
            }
        }
        let later = services.filter { service in
            service.isLive && service.instances.contains { if case .up = $0.phase { true } else { false } }
        }
        guard !ending.isEmpty || !later.isEmpty else { return nil }
        var words = "waiting for \(ending.joined(separator: ", ")) to end"
        if !later.isEmpty { words += "; then for \(later.map(\.name).joined(separator: ", "))" }
        if let shutdownDeadline {
            words += "; what is left of the services in \(max(.zero, shutdownDeadline - now).wholeSeconds) s is killed"
        }
        return words
    }
}

extension Duration {
    var wholeSeconds: Int64 { components.seconds }
}
