import Supervision
import Testing
import Topology

@Suite struct StopTests {
    @Test func aStopDrainsSignalsAndKills() {
        var machine = Machine(.service("order", stop: StopRules(signal: "INT", grace: .seconds(20)), takesRequests: true))
        machine.comesUp("order")
        machine.send(.stopRequested("order", actor: "anna"))
        #expect(machine.gateway?["order"]?.map(\.state) == [.draining])
        #expect(machine.signals.isEmpty)
        machine.pass(SupervisionState.drainNotice)
        #expect(machine.signals == ["order/1 2"])
        machine.pass(.seconds(20))
        #expect(machine.kills == ["order/1"])
        machine.pass(SupervisionState.killInterval)
        #expect(machine.kills == ["order/1"])
        machine.exits("order")
        #expect(machine.label("order") == "stopped")
        #expect(machine.gateway == ["order": []])
        machine.pass(.seconds(3600))
        #expect(machine.spawns.isEmpty)
        machine.send(.startRequested("order", actor: "anna"))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func aStopWinsOverAStartThatIsUnderWay() {
        var machine = Machine(.service("order"))
        machine.send(.stopRequested("order", actor: "anna"))
        #expect(machine.label("order") == "starting")
        machine.spawned("order")
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.label("order") == "stopped")
    }

    @Test func aStopEndsABackoffAndAWait() {
        var machine = Machine(.service("order"), .service("late", needs: [Dependency(name: "order")]))
        for _ in 0..<2 {
            machine.spawned("order")
            machine.exits("order")
        }
        #expect(machine.labels("order") + machine.labels("late") == ["backoff", "waiting"])
        machine.send(.stopRequested("order", actor: "anna"))
        machine.send(.stopRequested("late", actor: "anna"))
        #expect(machine.labels("order") + machine.labels("late") == ["stopped", "stopped"])
        machine.pass(.seconds(100))
        #expect(machine.spawns.isEmpty)
    }

    @Test func aStartDuringAStopBeginsAnewOnceTheOldOneIsGone() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.stopRequested("order", actor: "anna"))
        machine.send(.startRequested("order", actor: "anna"))
        #expect(machine.spawns.isEmpty)
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
    }

    @Test func shutdownGoesAgainstTheDependenciesAsParallelAsTheyAllow() {
        var machine = Machine(
            .service("base"), .service("a", needs: [Dependency(name: "base")]), .service("b", needs: [Dependency(name: "base")]),
            .service("gateway", fronts: ["a"]))
        for name in ["base", "a", "b", "gateway"] { machine.comesUp(name) }
        machine.send(.shutdownRequested(reason: "the keeper was told to stop", within: nil))
        #expect(machine.signals == ["b/1 15", "gateway/1 15"])
        machine.exits("b")
        #expect(machine.signals.isEmpty)
        machine.exits("gateway")
        #expect(machine.signals == ["a/1 15"])
        machine.exits("a")
        #expect(machine.signals == ["base/1 15"])
        #expect(!machine.effects.contains(.finish))
        machine.exits("base")
        #expect(machine.effects.contains(.finish))
        machine.send(.startRequested("base", actor: "anna"))
        #expect(machine.spawns.isEmpty)
    }

    @Test func whatDiesDuringAShutdownStaysDown() {
        var machine = Machine(.service("base"), .service("a", needs: [Dependency(name: "base")]))
        machine.comesUp("base")
        machine.comesUp("a")
        machine.send(.shutdownRequested(reason: "test", within: nil))
        machine.exits("base")
        #expect(machine.spawns.isEmpty)
        machine.exits("a")
        #expect(machine.effects.contains(.finish))
    }

    @Test func aRingOfServicesStopsAllTheSame() {
        var machine = Machine(.service("a", fronts: ["b"]), .service("b", fronts: ["a"]))
        machine.comesUp("a")
        machine.comesUp("b")
        machine.send(.shutdownRequested(reason: "test", within: nil))
        #expect(Set(machine.signals) == ["a/1 15", "b/1 15"])
    }

    @Test func aShutdownWithNothingRunningEndsAtOnce() {
        var machine = Machine(.service("a"))
        machine.send(.spawnFailed(InstanceID("a", 1), reason: "no", isPermanent: true))
        machine.send(.shutdownRequested(reason: "test", within: nil))
        #expect(machine.effects.contains(.finish))
    }
}
