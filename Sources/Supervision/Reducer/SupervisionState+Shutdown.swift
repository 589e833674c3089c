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

    /// Whatever is left is killed, and again while it is there.
    mutating func passShutdownDeadline() {
        shutdownDeadline = now + Self.killInterval
        for s in services.indices {
            for i in services[s].instances.indices {
                killForShutdown(Position(s, i))
                if services[s].instances[i].companion != nil { killForShutdown(Position(s, i, .companion)) }
            }
            markDirty(s)
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
        if let shutdownDeadline { words += "; what is left in \(max(.zero, shutdownDeadline - now).wholeSeconds) s is killed" }
        return words
    }
}

extension Duration {
    var wholeSeconds: Int64 { components.seconds }
}
