import Topology

/// The runs of scheduled services.
extension SupervisionState {
    /// Seconds since 1970; nil before the clock has been read.
    var timeOfDay: Double? { clockOrigin.map { $0 + now / .seconds(1) } }

    mutating func clockRead(_ seconds: Double) {
        guard seconds.isFinite else { return }
        let before = timeOfDay
        clockOrigin = seconds - now / .seconds(1)
        // A clock that was set may have passed a time, or put one off.
        let wasSet = before.map { abs($0 - seconds) > 0.5 } ?? true
        for s in services.indices where services[s].schedule != nil {
            if wasSet || services[s].runs.next.map({ $0 <= seconds }) ?? true { markDirty(s) }
        }
    }

    func nextRun(of s: Int) -> Duration? {
        guard let next = services[s].runs.next, next.isFinite, let clockOrigin, followsSchedule(s) else { return nil }
        // Not at once even where rounding says so: the run would have begun.
        return max(.seconds(next - clockOrigin), now + .milliseconds(1))
    }

    private func followsSchedule(_ s: Int) -> Bool {
        !isShuttingDown && !services[s].isRemoved && !services[s].isHeld && services[s].desired > 0
    }

    mutating func settleSchedule(_ s: Int) {
        guard let schedule = services[s].schedule, followsSchedule(s), let time = timeOfDay else { return }
        if services[s].runs.next == nil { services[s].runs.next = firstRun(s, schedule, time) }
        if let next = services[s].runs.next, next <= time {
            services[s].runs.next = schedule.next(after: max(next, time)) ?? .infinity
            if time - next > schedule.startDeadline / .seconds(1) {
                leaveOut(s, next, "nothing was there to begin it in time")
            } else {
                come(s, next, schedule)
            }
            markDirty(s)
        }
        if let waiting = services[s].runs.waiting, isIdle(s) {
            beginRun(s, at: waiting, Wish("the run before it is over", by: Wish.supervisor))
        }
    }

    /// A run that was missed while no supervisor was there is made up for within its deadline.
    private func firstRun(_ s: Int, _ schedule: Schedule, _ time: Double) -> Double {
        var after = time
        let latest = [services[s].runs.last, services[s].runs.current].compactMap(\.self).max()
        if let latest, latest - time < Self.clockStepAllowance {
            after = max(latest, time - max(0, schedule.startDeadline / .seconds(1)))
        }
        return schedule.next(after: after) ?? .infinity
    }

    private mutating func come(_ s: Int, _ time: Double, _ schedule: Schedule) {
        guard !isIdle(s) else { return beginRun(s, at: time, Wish("its time has come", by: Wish.supervisor)) }
        switch schedule.overlap {
        case .skip: leaveOut(s, time, "the run before it is not over")
        case .wait: services[s].runs.waiting = time
        case .replace:
            services[s].runs.waiting = time
            endRun(s, Wish("its next run is due", by: Wish.supervisor))
        }
    }

    private mutating func leaveOut(_ s: Int, _ time: Double, _ reason: String) {
        recordService(
            s, from: "scheduled", to: "left out", cause: reason, evidence: "its run of \(TimeText.iso8601(secondsSince1970: time))")
    }

    /// Nothing of a run is under way.
    func isIdle(_ s: Int) -> Bool {
        services[s].instances.allSatisfy { instance in
            guard !instance.isRunDue, instance.companion == nil else { return false }
            return switch instance.phase {
            case .stopped, .failed, .completed, .scheduled: true
            case .waiting, .spawning, .up, .clearing, .draining, .stopping, .backoff: false
            }
        }
    }

    mutating func beginRun(_ s: Int, at time: Double, _ wish: Wish) {
        services[s].runs.waiting = nil
        services[s].runs.current = time
        for i in services[s].instances.indices where services[s].instances[i].number <= services[s].desired {
            services[s].instances[i].isRunDue = true
            clearHistory(s, i)
        }
        services[s].wish = wish
        markDirty(s)
    }

    /// A process of the run is there: it will not be begun a second time.
    mutating func runBegan(_ s: Int, at startedAt: Double) {
        let time = services[s].runs.current ?? startedAt
        guard services[s].runs.last.map({ $0 < time }) ?? true else { return }
        services[s].runs.last = time
        isMemoryStale = true
    }

    /// Ends what is under way, whatever it waits for.
    private mutating func endRun(_ s: Int, _ wish: Wish) {
        for i in services[s].instances.indices {
            let p = Position(s, i)
            switch services[s].instances[i].phase {
            case .up: endProcess(p, because: .asked, wish: wish)
            case .waiting, .backoff: enter(.stopped, p, cause: wish.cause, actor: wish.actor)
            case .spawning, .clearing, .draining, .stopping, .stopped, .failed, .completed, .scheduled: break
            }
        }
    }

    /// By a person: what is under way ends, and another run begins.
    mutating func restartRun(_ s: Int, _ wish: Wish) {
        if isIdle(s) { return beginRun(s, at: timeOfDay ?? 0, wish) }
        services[s].runs.waiting = timeOfDay ?? 0
        endRun(s, wish)
    }
}
