import Topology

/// What persons ask for.
extension SupervisionState {
    mutating func scale(_ name: String, to instances: Int, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, services[s].definition.kind == .service else { return }
        let count = Self.clamp(instances, services[s].definition)
        services[s].scaledByHand = count
        services[s].more = nil
        services[s].fewer = nil
        if count > 0 { services[s].isHeld = false }
        endRunByHand(s)
        setDesired(s, count, Wish("scaled from \(services[s].desired) to \(count)", by: actor))
        isMemoryStale = true
        markChanged(s)
    }

    mutating func startService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, !isShuttingDown else { return }
        guard services[s].isContinuous else { return runService(name, actor: actor) }
        release(s, Wish("start", by: actor))
        for i in services[s].instances.indices { revive(s, i, actor: actor, cause: "start") }
    }

    mutating func runService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, !isShuttingDown else { return }
        guard !services[s].isContinuous else { return startService(name, actor: actor) }
        release(s, Wish("run", by: actor))
        takeInstanceForRun(s)
        if services[s].schedule != nil {
            if isIdle(s) { beginRun(s, at: timeOfDay ?? 0, services[s].wish) }
        } else {
            for i in services[s].instances.indices { revive(s, i, actor: actor, cause: "run") }
        }
    }

    mutating func stopService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved else { return }
        services[s].isHeld = true
        services[s].wish = Wish("stop", by: actor)
        services[s].runs.waiting = nil
        services[s].isRunByHand = false
        for i in services[s].instances.indices {
            services[s].instances[i].replacement = nil
            services[s].instances[i].isRunDue = false
        }
        isMemoryStale = true
        markChanged(s)
    }

    mutating func restartService(_ name: String, actor: String) {
        guard let s = index(of: name), !services[s].isRemoved, !isShuttingDown else { return }
        let wish = Wish("restart", by: actor)
        release(s, wish)
        services[s].restartProblem = nil
        takeInstanceForRun(s)
        if services[s].schedule != nil { return restartRun(s, wish) }
        for i in services[s].instances.indices {
            if case .up = services[s].instances[i].phase {
                // One whose replacement is on its way gets what was asked for.
                guard !services[s].instances[i].hasSuccessor else { continue }
                services[s].instances[i].replacement = .init(wish: wish, isRestart: true)
                clearHistory(s, i)
            } else {
                revive(s, i, actor: actor, cause: "restart")
            }
        }
    }

    private mutating func release(_ s: Int, _ wish: Wish) {
        services[s].isHeld = false
        services[s].wish = wish
        isMemoryStale = true
        markChanged(s)
    }

    /// The way back of an instance that has given up, done its work, or is waiting for its next attempt.
    private mutating func revive(_ s: Int, _ i: Int, actor: String, cause: String) {
        clearHistory(s, i)
        switch services[s].instances[i].phase {
        case .failed, .completed, .backoff: enter(.stopped, Position(s, i), cause: cause, actor: actor)
        case .waiting, .spawning, .up, .clearing, .draining, .stopping, .stopped, .scheduled: break
        }
    }

    mutating func clearHistory(_ s: Int, _ i: Int) {
        services[s].instances[i].main.history = RestartHistory()
        services[s].instances[i].restarts = 0
        isMemoryStale = true
    }

    mutating func setDesired(_ s: Int, _ count: Int, _ wish: Wish, evidence: String? = nil) {
        guard services[s].desired != count else { return }
        recordService(
            s, from: "\(services[s].desired) desired", to: "\(count) desired", cause: wish.cause, evidence: evidence, actor: wish.actor)
        services[s].desired = count
        services[s].wish = wish
        markChanged(s)
    }

    static func clamp(_ count: Int, _ definition: SupervisedService) -> Int {
        min(max(count, definition.range.lowerBound), definition.range.upperBound)
    }
}
