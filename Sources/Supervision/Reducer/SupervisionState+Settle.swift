import Topology

extension SupervisionState {
    /// More steps than any chain of consequences of one event is long, for each service; a bound, so that a mistake here cannot hang the
    /// supervisor.
    private static let maximumSteps = 1_000

    /// Makes every step that is possible now, until none is left.
    mutating func settle() {
        hasSettled = true
        var touched: [Int] = []
        var steps = 0
        while !dirty.isEmpty && steps <= Self.maximumSteps * services.count {
            var round = dirty
            dirty = []
            round.sort()
            for s in round {
                services[s].isDirty = false
                touched.append(s)
                settleService(s)
                steps += 1
            }
        }
        finishSettling(touched)
        removeGone()
        publishUpstreams()
        if isMemoryStale { remember() }
        if isShuttingDown && !isFinished && !services.contains(where: \.isLive) {
            isFinished = true
            effects.append(.finish)
        }
    }

    private mutating func finishSettling(_ touched: [Int]) {
        for s in touched {
            services[s].nextDeadline = nextDeadline(of: s)
            updateUpstreams(s)
            if !services[s].hasBeenReady && Self.isServiceReady(services[s]) { services[s].hasBeenReady = true }
            let isContent = Self.isContent(services[s])
            if isContent != services[s].isContent {
                services[s].isContent = isContent
                discontent += isContent ? -1 : 1
            }
        }
        if !hasBeenReady && !isShuttingDown && isAllReady { hasBeenReady = true }
    }

    private mutating func removeGone() {
        guard services.contains(where: { $0.isRemoved && $0.instances.isEmpty }) else { return }
        services.removeAll { $0.isRemoved && $0.instances.isEmpty }
        rebuildGraph()
        isMemoryStale = true
    }

    /// After services have come, gone, or changed what they need.
    mutating func rebuildGraph() {
        graph = ServiceGraph(services.map(\.definition))
        heldBack = services.indices.filter { !services[$0].endsAfter.isEmpty }
        dirty = services.indices.filter { services[$0].isDirty }
        discontent = services.count { !$0.isContent }
    }

    // MARK: One service

    private mutating func settleService(_ s: Int) {
        fillInstances(s)
        if services[s].isRecreating && !services[s].isLive {
            services[s].isRecreating = false
            markChanged(s)
        }
        if !services[s].isEnding { services[s].endsAfter = [] }
        let mayStop = mayStop(s)
        settleSchedule(s)
        for i in services[s].instances.indices {
            services[s].instances[i].intent = intent(s, i, mayStop: mayStop)
            settleCompanion(s, i)
            settleMain(s, i)
        }
        settleRunByHand(s)
        let count = services[s].instances.count
        services[s].instances.removeAll { $0.intent == .remove && !$0.isLive }
        if services[s].instances.count != count {
            isMemoryStale = true
            markChanged(s)
        }
        settleProvisioning(s)
        settleUpdate(s)
        settleReplacements(s)
    }

    mutating func fillInstances(_ s: Int) {
        guard !isShuttingDown, !services[s].isRemoved, services[s].wanted > 0 else { return }
        for number in 1...services[s].wanted where services[s].index(of: number) == nil {
            let position = services[s].instances.firstIndex { $0.number > number } ?? services[s].instances.endIndex
            services[s].instances.insert(Instance(number: number), at: position)
            markChanged(s)
        }
    }

    private func intent(_ s: Int, _ i: Int, mayStop: Bool) -> Instance.Intent {
        let service = services[s]
        let instance = service.instances[i]
        if isShuttingDown { return mayStop || !instance.isLive ? .stop : instance.intent }
        if service.isRemoved || instance.number > service.wanted { return .remove }
        return service.isHeld ? .stop : .run
    }

    /// It is to have a process, or to do its work.
    func isWanted(_ s: Int, _ i: Int) -> Bool {
        services[s].instances[i].intent == .run && !isShuttingDown && !services[s].isRecreating
    }

    private mutating func settleMain(_ s: Int, _ i: Int) {
        let p = Position(s, i)
        let instance = services[s].instances[i]
        let isWanted = isWanted(s, i)
        switch instance.main.phase {
        case .waiting, .backoff:
            if isWanted { attend(p) } else { enter(.stopped, p, cause: wish(s).cause, actor: wish(s).actor) }
        case .stopped, .scheduled:
            settleIdle(p, isWanted: isWanted)
        case .completed:
            guard isWanted, services[s].definition.lifetime == .once, instance.number <= services[s].desired,
                let done = instance.completedFingerprint, done != services[s].definition.fingerprint
            else { break }
            enter(.stopped, p, cause: "its declaration has changed", actor: services[s].wish.actor)
        case .failed:
            if isWanted && instance.isRunDue { enter(.stopped, p, cause: services[s].wish.cause, actor: services[s].wish.actor) }
        case .up:
            if (instance.intent != .run || services[s].isRecreating) && !isHeldBack(s) {
                endProcess(p, because: .asked, wish: wish(s))
            } else {
                attend(p)
            }
        case .spawning, .clearing, .draining, .stopping:
            attend(p)
        }
    }

    /// In an apply too what is used ends after what uses it. What a person has stopped waits for nobody.
    private func isHeldBack(_ s: Int) -> Bool {
        !isShuttingDown && services[s].isEnding && !services[s].isHeld && !holders(s).isEmpty
    }

    /// Those that end with it, and of which something is left.
    func holders(_ s: Int) -> [String] {
        services[s].endsAfter.filter { name in
            index(of: name).map { services[$0].isEnding && services[$0].isLive } ?? false
        }
    }

    private mutating func settleIdle(_ p: Position, isWanted: Bool) {
        let (s, i) = (p.service, p.instance)
        let isScheduled = services[s].schedule != nil
        guard isWanted else {
            if case .scheduled = self[p].phase { enter(.stopped, p, cause: wish(s).cause, actor: wish(s).actor) }
            return
        }
        if !isScheduled {
            begin(p, cause: wish(s).cause, actor: wish(s).actor)
        } else if services[s].instances[i].isRunDue {
            begin(p, cause: wish(s).cause, actor: wish(s).actor)
        } else if self[p].phase == .stopped {
            enter(.scheduled, p, cause: "it waits for its time", actor: wish(s).actor)
        }
    }

    // MARK: Time

    private func nextDeadline(of s: Int) -> Duration? {
        let service = services[s]
        var next: Duration?
        func consider(_ deadline: Duration?) {
            if let deadline, deadline < next ?? .seconds(Int64.max) { next = deadline }
        }
        if case .failed(_, let retryAt) = service.provisioning, service.readyCount > 0, !isShuttingDown, !service.isEnding {
            consider(retryAt)
        }
        for instance in service.instances {
            consider(instance.main.deadline)
            consider(instance.companion?.deadline)
            if instance.replacement != nil, case .up(let process, let health) = instance.main.phase, !health.isReady {
                let patience = process.upSince + Self.patienceWithSilence
                if patience > now { consider(patience) }
            }
        }
        consider(nextRun(of: s))
        return next
    }
}
