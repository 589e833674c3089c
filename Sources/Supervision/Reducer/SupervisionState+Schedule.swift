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
            // Its times come again that lie between now and then.
            if let then = services[s].runs.workedOutAt, then - seconds > Self.clockStepAllowance { services[s].runs.next = nil }
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
        guard let schedule = services[s].schedule, let time = timeOfDay, !isShuttingDown, !services[s].isRemoved else { return }
        if followsSchedule(s) {
            follow(s, schedule, time)
        } else {
            services[s].runs.isSuspended = true
            services[s].runs.next = nil
        }
        if let waiting = services[s].runs.waiting, !services[s].isHeld, services[s].wanted > 0, isIdle(s) {
            beginRun(s, at: waiting, Wish("the run before it is over", by: Wish.supervisor))
        }
    }

    private mutating func follow(_ s: Int, _ schedule: Schedule, _ time: Double) {
        if services[s].runs.next == nil {
            services[s].runs.next = firstRun(s, schedule, time)
            services[s].runs.workedOutAt = time
        }
        services[s].runs.isSuspended = false
        guard let next = services[s].runs.next, next <= time else { return }
        services[s].runs.next = schedule.next(after: max(next, time)) ?? .infinity
        services[s].runs.workedOutAt = max(next, time)
        if time - next > schedule.startDeadline / .seconds(1) {
            leaveOut(s, next, "nothing was there to begin it in time")
        } else {
            come(s, next, schedule)
        }
        markDirty(s)
    }

    /// A run that was missed while no supervisor was there is made up for within its deadline.
    private mutating func firstRun(_ s: Int, _ schedule: Schedule, _ time: Double) -> Double {
        let latest = [services[s].runs.last, services[s].runs.current].compactMap(\.self).max()
        guard let latest, !services[s].runs.isSuspended else { return schedule.next(after: time) ?? .infinity }
        guard latest - time < Self.clockStepAllowance else {
            // The clock was wrong then.
            services[s].runs.last = nil
            services[s].runs.current = nil
            isMemoryStale = true
            return schedule.next(after: time) ?? .infinity
        }
        return schedule.next(after: max(latest, time - max(0, schedule.startDeadline / .seconds(1)))) ?? .infinity
    }

    private mutating func come(_ s: Int, _ time: Double, _ schedule: Schedule) {
        guard !isIdle(s) else { return beginRun(s, at: time, Wish("its time has come", by: Wish.supervisor)) }
        switch schedule.overlap {
        case .skip: leaveOut(s, time, "the run before it is not over")
        case .wait where services[s].runs.waiting != nil: leaveOut(s, time, "another one waits already for the run before it to end")
        case .wait: services[s].runs.waiting = time
        case .replace:
            if let waiting = services[s].runs.waiting { leaveOut(s, waiting, "the next one was due before the run before it had ended") }
            services[s].runs.waiting = time
            endRun(s, Wish("its next run is due", by: Wish.supervisor))
        }
        isMemoryStale = true
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
        isMemoryStale = true
        for i in services[s].instances.indices where services[s].instances[i].number <= services[s].wanted {
            services[s].instances[i].isRunDue = true
            clearHistory(s, i)
        }
        services[s].wish = wish
        markDirty(s)
    }

    /// A process of the run is there: it will not be begun a second time.
    mutating func runBegan(_ s: Int, at startedAt: Double) {
        isMemoryStale = true
        let time = services[s].runs.current ?? startedAt
        guard services[s].runs.last.map({ $0 < time }) ?? true else { return }
        services[s].runs.last = time
    }

    /// Where none is desired, one is there for a run that a person wants.
    mutating func takeInstanceForRun(_ s: Int) {
        guard !services[s].isContinuous, services[s].desired == 0 else { return }
        services[s].isRunByHand = true
        isMemoryStale = true
        fillInstances(s)
    }

    /// It goes when the run is over. What a one-shot has done, and why a run has failed, is to be seen until somebody stops it.
    mutating func settleRunByHand(_ s: Int) {
        guard services[s].isRunByHand, services[s].schedule != nil, services[s].runs.waiting == nil, isIdle(s),
            !services[s].instances.contains(where: { if case .failed = $0.phase { true } else { false } })
        else { return }
        endRunByHand(s)
    }

    mutating func endRunByHand(_ s: Int) {
        guard services[s].isRunByHand else { return }
        services[s].isRunByHand = false
        isMemoryStale = true
        markChanged(s)
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
