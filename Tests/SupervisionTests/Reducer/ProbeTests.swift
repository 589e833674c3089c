import Supervision
import Testing
import Topology

@Suite struct ProbeTests {
    @Test func onlyAReadyInstanceIsToldToTheGateway() {
        var machine = Machine(.service("order", takesRequests: true))
        machine.spawned("order", port: 21_000)
        #expect(machine.gateway == nil)
        machine.probe("order")
        #expect(machine.gateway == ["order": [.init(instance: 1, host: "127.0.0.1", port: 21_000, state: .ready)]])
        for _ in 0..<2 { #expect(machine.probeFails("order").isEmpty) }
        machine.probeFails("order")
        #expect(machine.gateway == ["order": []])
        #expect(machine.label("order") == "unready")
        #expect(machine.transitions.first?.evidence == "status 503")
        machine.probe("order")
        #expect(machine.gateway?["order"]?.count == 1)
    }

    @Test func aLivenessProbeThatKeepsFailingRestartsTheProcess() {
        var machine = Machine(.service("order", liveness: Probe(.http(path: "/live"), failureThreshold: 2)))
        machine.comesUp("order")
        machine.probeFails("order", 1, .a, .liveness)
        machine.probe("order", 1, .a, .liveness)
        machine.probeFails("order", 1, .a, .liveness)
        #expect(machine.signals.isEmpty)
        machine.probeFails("order", 1, .a, .liveness)
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.spawns == ["order/1"])
        #expect(machine.transitions.first?.cause == "its liveness probe failed 2 times")
        #expect(machine.instance("order")?.restarts == 1)
    }

    @Test func aProcessThatIsStillComingUpIsNotJudgedByItsLiveness() {
        var machine = Machine(.service("order", liveness: Probe(.tcp(nil))))
        machine.spawned("order")
        for _ in 0..<20 { machine.probeFails("order", 1, .a, .liveness) }
        #expect(machine.signals.isEmpty)
        machine.pass(SupervisionState.startupAllowance)
        machine.probeFails("order", 1, .a, .liveness)
        #expect(machine.signals == ["order/1 15"])
    }

    @Test func theStartupProbeHoldsTheOthersBack() {
        var machine = Machine(.service("order", startup: Probe(.tcp(nil), failureThreshold: 3)))
        let effects = machine.spawned("order")
        #expect(purposes(effects) == [.startup])
        #expect(purposes(machine.probe("order", 1, .a, .startup)) == [.readiness])
        machine.probe("order")
        #expect(machine.label("order") == "ready")
    }

    @Test func aStartupProbeThatKeepsFailingRestartsTheProcess() {
        var machine = Machine(.service("order", startup: Probe(.tcp(nil), failureThreshold: 3)))
        machine.spawned("order")
        for _ in 0..<3 { machine.probeFails("order", 1, .a, .startup) }
        #expect(machine.signals == ["order/1 15"])
    }

    @Test func withoutAReadinessProbeAStartedProcessIsReady() {
        var machine = Machine(.service("worker", readiness: nil))
        machine.spawned("worker")
        #expect(machine.label("worker") == "ready")
    }

    @Test func aNotificationMayComeBeforeTheSpawnIsAnswered() {
        var machine = Machine(.service("order", readiness: Probe(.notify)), .service("other", readiness: Probe(.notify)))
        machine.send(.notifiedReady(InstanceID("order", 1)))
        machine.spawned("order")
        #expect(machine.label("order") == "ready")
        machine.spawned("other")
        #expect(machine.label("other") == "starting")
        machine.send(.notifiedReady(InstanceID("other", 1)))
        #expect(machine.label("other") == "ready")
    }

    @Test func answersAboutAnEarlierProcessAreIgnored() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        let old = machine.generation("order", 1)
        machine.exits("order")
        machine.spawned("order")
        machine.send(.probeSucceeded(InstanceID("order", 1), generation: old, .readiness))
        #expect(machine.label("order") == "starting")
    }

    @Test func anEndingProcessIsTakenFromTheGatewayAtOnce() {
        var machine = Machine(.service("order", takesRequests: true))
        machine.comesUp("order")
        machine.send(.mainExited(InstanceID("order", 1), Termination(.exited(1))))
        #expect(machine.gateway == ["order": []])
        #expect(machine.spawns.isEmpty)
        machine.exits("order", 1, .a, .exited(1))
        #expect(machine.spawns == ["order/1"])
    }

    private func purposes(_ effects: [SupervisionEffect]) -> [SupervisedProbe.Purpose] {
        effects.flatMap { effect -> [SupervisedProbe.Purpose] in
            if case .startProbes(_, _, let assignments) = effect { assignments.map(\.purpose) } else { [] }
        }
    }
}
