import Supervision
import Testing

@testable import Admin

@Suite struct ProgressTests {
    private func topology(_ services: [ServiceStatus], _ state: TopologyStatus.State = .degraded) -> TopologyStatus {
        TopologyStatus(name: "shop", state: state, containment: "cgroup2", services: services)
    }

    private func service(_ name: String, _ state: ServiceStatus.State, _ instances: String..., reason: String? = nil) -> ServiceStatus {
        ServiceStatus(
            name: name, kind: .service, state: state, reason: reason, desired: instances.count, ready: instances.count { $0 == "ready" },
            instances: instances.enumerated().map { InstanceStatus(instance: $0.offset + 1, state: $0.element, pid: 100 + $0.offset) })
    }

    private func plan(_ steps: (String, ApplyPlan.Step.Action)...) -> ApplyPlan {
        ApplyPlan(services: steps.map { .init(service: $0.0, action: $0.1, reasons: ["its command differs"]) })
    }

    @Test func anApplyIsDoneWhenAllOfItIsCalm() {
        var progress = ApplyProgress(plan(("order", .rolling), ("old", .stop), ("same", .none)))
        #expect(
            progress.look(at: topology([service("order", .degraded, "ready", "starting"), service("old", .stopping, "stopping")]))
                == .underWay)
        let between = topology([service("order", .ready, "ready", "ready"), service("same", .failed, "failed")])
        #expect(progress.look(at: between) == .underWay)
        #expect(progress.look(at: topology([service("order", .ready, "ready", "draining")])) == .underWay)
        let looks = (0..<3).map { _ in progress.look(at: between) }
        #expect(looks == [.underWay, .underWay, .settled])
        #expect(progress.concerns("order"))
        #expect(!progress.concerns("same"))
    }

    @Test func anApplyThatFailsSaysWhichService() {
        var progress = ApplyProgress(plan(("order", .recreate)))
        let failed = topology([service("order", .failed, "failed", reason: "it ended 10 times within 60 s")])
        let looks = (0..<3).map { _ in progress.look(at: failed) }
        #expect(looks.last == .failed(["order: it ended 10 times within 60 s"]))
        var other = ApplyProgress(plan(("order", .recreate)))
        #expect(other.look(at: topology([], .stopping)) == .failed(["everything is being stopped"]))
    }

    @Test func whatThePlanHoldsAfterwardsWasTakenBack() {
        let progress = ApplyProgress(plan(("order", .rolling), ("payment", .rolling)))
        #expect(progress.takenBack(ApplyPlan(services: [.init(service: "order", action: .none)])).isEmpty)
        let after = ApplyPlan(services: [
            .init(service: "order", action: .rolling, reasons: ["rolled back: not ready within 60 s"]),
            .init(service: "new", action: .start),
        ])
        #expect(progress.takenBack(after) == ["order: rolled back: not ready within 60 s"])
    }

    @Test func whatIsStillToComeIsOneLine() {
        let progress = ApplyProgress(plan(("order", .rolling)))
        #expect(progress.waiting(topology([service("order", .degraded, "ready", "starting", "ready")])) == "order 2/3 (2 starting)")
        #expect(progress.waiting(topology([service("order", .ready, "ready")])) == "")
    }

    @Test func whoHoldsUpAnEndIsNamed() {
        let begin = ContinuousClock.now
        var progress = StopProgress()
        let status = topology([service("order", .stopping, "stopping", "draining"), service("broker", .ready, "ready")], .stopping)
        #expect(progress.line(status, at: begin) == "waiting for order/1, order/2 … 3 left")
        #expect(
            progress.line(status, at: begin + .seconds(5))
                == "waiting for order/1 (process 100 was asked to end 5.0 s ago), order/2 (process 101 was asked to end 5.0 s ago) … 3 left"
        )
        let killing = topology([service("order", .stopping, "killing")], .stopping)
        #expect(progress.line(killing, at: begin + .seconds(6)) == "waiting for order/1 (process 100 is being killed) … 1 left")
        #expect(progress.line(topology([service("broker", .ready, "ready")]), at: begin) == "1 left")
        var gone = service("order", .stopped, "stopped")
        gone.instances[0].pid = nil
        #expect(progress.line(topology([gone]), at: begin) == nil)
    }

    @Test func whoeverEndsBesideAnotherIsNamedToo() {
        var order = service("order", .ready, "ready")
        order.instances[0].beside = .init(role: .old, state: "stopping", pid: 7)
        var progress = StopProgress()
        let begin = ContinuousClock.now
        #expect(progress.line(topology([order]), at: begin) == "waiting for order/1, the old process … 2 left")
        #expect(
            progress.line(topology([order]), at: begin + .seconds(5))
                == "waiting for order/1, the old process (process 7 was asked to end 5.0 s ago) … 2 left")
    }

    private func transition(_ sequence: Int, _ from: String, _ to: String) -> TransitionRecord {
        TransitionRecord(
            sequence: sequence, time: "2026-11-21T12:00:00Z", service: "job", instance: 1, from: from, to: to, cause: "a cause",
            evidence: nil, actor: "signalbox")
    }

    @Test func aRunEndsWhenItIsDoneHasFailedOrWasStopped() {
        var run = RunProgress(after: 4)
        let busy = service("job", .starting, "starting")
        // That it leaves its last end behind is no end.
        #expect(run.look(at: busy, [transition(5, "completed", "stopped"), transition(6, "stopped", "starting")]) == nil)
        #expect(run.lastSequence == 6)
        var other = run
        #expect(run.look(at: busy, [transition(7, "ready", "completed")]) == .done(transition(7, "ready", "completed")))
        #expect(other.look(at: busy, [transition(7, "ready", "failed")]) == .failed(transition(7, "ready", "failed")))
        var stopped = RunProgress(after: 0)
        #expect(
            stopped.look(at: service("job", .stopped, reason: "stopped by anna"), [transition(1, "stopping", "stopped")])
                == .stopped("stopped by anna"))
        var another = RunProgress(after: 0)
        #expect(
            another.look(
                at: service("job", .scheduled, "scheduled"), [transition(1, "stopping", "stopped"), transition(2, "stopped", "scheduled")])
                == .stopped("a cause"))
    }

    @Test func aPlanIsATableWithASum() {
        let plan = ApplyPlan(
            services: [
                .init(service: "order", action: .rolling, reasons: ["its command differs", "its environment differs"]),
                .init(service: "payment", action: .none), .init(service: "new", action: .start, reasons: ["new"]),
            ], broker: ["declare queue x"], refused: ["queue y cannot change its type"], notes: ["a note"])
        #expect(
            plan.lines(style: .plain) == [
                "SERVICE  WHAT     WHY", "order    rolling  its command differs; its environment differs", "payment  nothing",
                "new      start    new", "", "On the broker:", "    declare queue x", "", "Refused by the broker:",
                "    queue y cannot change its type", "", "Note:", "    a note", "", "2 of 3 services change: 1 rolling, 1 start.",
            ])
        #expect(
            ApplyPlan(services: [.init(service: "a", action: .none)]).lines(style: .plain).last
                == "What runs is what the file says: there is nothing to do.")
        #expect(ApplyPlan().lines(style: .plain).last == "What runs is what the file says: there is nothing to do.")
        #expect(ApplyPlan(services: [.init(service: "a", action: .stop)]).lines(style: .plain).last == "1 service changes: 1 stop.")
        #expect(!ApplyPlan(services: [.init(service: "a", action: .none)]).hasChanges)
        #expect(plan.lines(style: TerminalStyle(isColoured: true))[1].contains("\u{1B}[33mrolling"))
    }
}
