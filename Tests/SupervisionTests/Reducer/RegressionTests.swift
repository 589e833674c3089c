import Supervision
import Testing
import Topology

/// The field's known bugs, as far as they are the reducer's.
@Suite struct RegressionTests {
    @Test func aGroupChildThatOutlivesItsLeaderIsWaitedForAndKilledBeforeTheNextStart() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.mainExited(InstanceID("order", 1), Termination(.exited(1))))
        #expect(machine.spawns.isEmpty)
        for _ in 0..<3 {
            machine.pass(SupervisionState.killInterval)
            #expect(machine.kills == ["order/1"] && machine.spawns.isEmpty)
        }
        machine.exits("order", 1, .a, .exited(1))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func aRestartOfAWaitingServiceNeitherWedgesNorDoublesIt() {
        var machine = Machine(.service("base"), .service("order", needs: [Dependency(name: "base")]))
        for _ in 0..<3 { machine.send(.restartRequested("order", actor: "anna")) }
        #expect(machine.spawns.isEmpty)
        machine.comesUp("base")
        #expect(machine.spawns == ["order/1"])
        machine.comesUp("order")
        #expect(machine.spawns.isEmpty && machine.signals.isEmpty)
    }

    @Test func aDependencyThatFailedOnceDoesNotBlockForEver() {
        let migrate = SupervisedService.service("migrate", readiness: nil, restart: RestartRules(policy: .never), lifetime: .once)
        var machine = Machine(migrate, .service("order", needs: [Dependency(name: "migrate", condition: .completed)]))
        machine.spawned("migrate")
        machine.exits("migrate", 1, .a, .exited(1))
        #expect(machine.labels("migrate") + machine.labels("order") == ["failed", "waiting"])
        machine.send(.startRequested("migrate", actor: "anna"))
        machine.spawned("migrate")
        machine.exits("migrate", 1, .a, .exited(0))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func aChildThatHoldsStdoutDoesNotHideItsParentsDeath() {
        var machine = Machine(.service("order", takesRequests: true))
        machine.comesUp("order")
        machine.send(.mainExited(InstanceID("order", 1), Termination(.signalled(11))))
        #expect(machine.gateway == ["order": []])
        #expect(machine.transitions.first?.evidence == "signal 11 (SEGV)")
        #expect(machine.state.overallState == .degraded)
        machine.exits("order", 1, .a, .signalled(11))
        #expect(machine.spawns == ["order/1"])
    }

    @Test(arguments: [false, true])
    func twoRestartsAtOnceAreOne(overlap: Bool) {
        var machine = Machine(.service("order", overlap: overlap))
        machine.comesUp("order")
        var spawns: [String] = []
        for actor in ["anna", "bert"] {
            machine.send(.restartRequested("order", actor: actor))
            spawns += machine.spawns
        }
        if overlap {
            machine.comesUp("order", 1, .b)
            #expect(machine.signals == ["order/1 15"])
            machine.exits("order", 1, .a, .exited(0))
        } else {
            machine.exits("order", 1, .a, .exited(0))
            spawns += machine.spawns
            machine.comesUp("order")
        }
        spawns += machine.spawns
        #expect(spawns == [overlap ? "order/1b" : "order/1"])
        #expect(machine.labels("order") == ["ready"])
    }

    @Test func whatIsToldOfAnEarlierProcessDoesNotTouchALaterOneWithTheSamePid() {
        var machine = Machine(.service("order"))
        let id = InstanceID("order", 1)
        machine.send(.spawned(id, SpawnedProcess(pid: 77)))
        let first = machine.generation("order", 1)
        machine.exits("order")
        machine.send(.spawned(id, SpawnedProcess(pid: 77)))
        for _ in 0..<5 { machine.send(.probeFailed(id, generation: first, .liveness, answer: "late")) }
        machine.send(.probeSucceeded(id, generation: first, .readiness))
        #expect(machine.label("order") == "starting")
        #expect(machine.signals.isEmpty)
    }

    @Test func aRingOfServicesStarts() {
        var machine = Machine(
            .service("a", needs: [Dependency(name: "b", condition: .started)]), .service("b", needs: [Dependency(name: "a")]))
        #expect(machine.spawns == ["a/1", "b/1"])
        machine.comesUp("a")
        machine.comesUp("b")
        #expect(machine.state.overallState == .ready)
    }

    @Test func aReadyThatComesBeforeTheStartupProbeSucceededIsNotLost() {
        var machine = Machine(.service("order", readiness: Probe(.notify), startup: Probe(.tcp(nil))))
        machine.spawned("order")
        machine.send(.notifiedReady(InstanceID("order", 1)))
        #expect(machine.label("order") == "starting")
        machine.probe("order", 1, .a, .startup)
        #expect(machine.label("order") == "ready")
    }
}
