import Supervision
import Testing
import Topology

/// The first end of what needs a server casts doubt on the server.
@Suite struct DoubtTests {
    private func up(restart: RestartRules = .init()) -> Machine {
        var machine = Machine(
            .server("cache", isExternal: true), .service("order", needs: [Dependency(name: "cache")], restart: restart))
        machine.send(.spawned(InstanceID("cache", 1), SpawnedProcess(pid: nil)))
        machine.probe("cache")
        machine.send(.provisioned("cache", generation: machine.state.services[0].provisioningGeneration))
        machine.comesUp("order")
        return machine
    }

    private func asks(_ machine: Machine) -> [String] {
        machine.effects.compactMap { if case .startProbes(let id, _, _) = $0 { "\(id)" } else { nil } }
    }

    @Test func theServerIsAskedAtOnceAndOneFailureCounts() {
        var machine = up()
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
        #expect(asks(machine) == ["cache/1"])
        machine.probeFails("cache")
        #expect(machine.label("cache") == "unready")
    }

    @Test func fromTheSecondEndOnItsAnswerIsAwaited() {
        var machine = up()
        machine.exits("order")
        machine.spawned("order")
        machine.exits("order")
        machine.pass(.seconds(1))
        #expect(machine.label("order") == "waiting")
        machine.probe("cache")
        machine.pass(.seconds(1))
        #expect(machine.label("order") == "starting")
    }

    @Test func endsOfAnOutageAreNotHeldAgainstWhatEnded() {
        var machine = up(restart: RestartRules(limitRestarts: 0))
        machine.exits("order")
        #expect(machine.label("order") == "failed")
        machine.probeFails("cache")
        #expect(machine.label("order") == "waiting")
        machine.probe("cache")
        machine.send(.provisioned("cache", generation: machine.state.services[0].provisioningGeneration))
        machine.pass(.seconds(1))
        #expect(machine.label("order") == "starting")
    }

    @Test func whatFailsByItselfIsNotExcusedByAServerThatAnswers() {
        var machine = up(restart: RestartRules(limitRestarts: 1))
        machine.exits("order")
        machine.probe("cache")
        machine.spawned("order")
        machine.exits("order")
        machine.probe("cache")
        machine.pass(.seconds(600))
        #expect(machine.label("order") == "failed")
    }
}
