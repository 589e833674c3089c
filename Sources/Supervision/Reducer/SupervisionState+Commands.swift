import Topology

extension SupervisionState {
    mutating func scale(_ name: String, to instances: Int, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, services[s].definition.kind == .service else { return }
        let count = min(max(instances, services[s].definition.range.lowerBound), services[s].definition.range.upperBound)
        services[s].scaledByHand = count
        services[s].calm = nil
        if count > 0 { services[s].isHeld = false }
        setDesired(s, count, Wish("scaled from \(services[s].desired) to \(count)", by: actor))
        isUnsettled = true
    }

    mutating func startService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, !isShuttingDown else { return }
        services[s].isHeld = false
        services[s].wish = Wish("start", by: actor)
        for i in services[s].instances.indices { revive(s, i, actor: actor, cause: "start") }
        isUnsettled = true
    }

    mutating func stopService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved else { return }
        services[s].isHeld = true
        services[s].wish = Wish("stop", by: actor)
        for i in services[s].instances.indices { services[s].instances[i].replacement = nil }
        isUnsettled = true
    }

    mutating func restartService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, !isShuttingDown else { return }
        services[s].isHeld = false
        services[s].wish = Wish("restart", by: actor)
        for i in services[s].instances.indices {
            if case .up = services[s].instances[i].phase {
                services[s].instances[i].replacement = Wish("restart", by: actor)
                clearHistory(s, i)
            } else {
                revive(s, i, actor: actor, cause: "restart")
            }
        }
        isUnsettled = true
    }

    /// The way back of an instance that has given up, done its work, or is waiting for its next attempt.
    private mutating func revive(_ s: Int, _ i: Int, actor: String, cause: String) {
        clearHistory(s, i)
        switch services[s].instances[i].phase {
        case .failed, .completed, .backoff: enter(.stopped, s, i, cause: cause, actor: actor)
        case .waiting, .spawning, .up, .draining, .stopping, .stopped: break
        }
    }

    private mutating func clearHistory(_ s: Int, _ i: Int) {
        services[s].instances[i].history = RestartHistory()
        services[s].instances[i].restarts = 0
    }

    mutating func setDesired(_ s: Int, _ count: Int, _ wish: Wish, evidence: String? = nil) {
        guard services[s].desired != count else { return }
        recordService(
            s, from: "\(services[s].desired) desired", to: "\(count) desired", cause: wish.cause, evidence: evidence, actor: wish.actor)
        services[s].desired = count
        services[s].wish = wish
        isUnsettled = true
    }

    // MARK: Rule

    /// As many instances as the backlog needs. More at once; fewer only when fewer would have done for a while, and never fewer than a
    /// person has asked for.
    mutating func followQueues(_ depths: [String: Int]) {
        guard !isShuttingDown else { return }
        for s in services.indices where !services[s].isRemoved && !services[s].isHeld {
            guard let rule = services[s].definition.scale, let queue = rule.queue, let depth = depths[queue] else { continue }
            let perInstance = max(1, rule.backlogPerInstance)
            let floor = max(rule.minimum, services[s].scaledByHand ?? rule.minimum)
            let needed = min(max((depth + perInstance - 1) / perInstance, floor), max(rule.maximum, floor))
            let desired = services[s].desired
            let evidence = "\(depth) messages ready in \(queue), \(perInstance) an instance"
            guard needed < desired else {
                services[s].calm = nil
                setDesired(s, needed, Wish("scaled from \(desired) to \(needed) by its rule", by: Wish.supervisor), evidence: evidence)
                continue
            }
            let calm =
                services[s].calm.map { ServiceState.Calm(since: $0.since, needed: max($0.needed, needed)) }
                ?? ServiceState.Calm(since: now, needed: needed)
            services[s].calm = calm
            guard now - calm.since >= Self.calmStretch else { continue }
            services[s].calm = nil
            setDesired(
                s, calm.needed, Wish("scaled from \(desired) to \(calm.needed) by its rule", by: Wish.supervisor), evidence: evidence)
        }
    }
}
