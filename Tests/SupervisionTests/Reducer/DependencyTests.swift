import Supervision
import Testing
import Topology

@Suite struct DependencyTests {
    let order = SupervisedService.service("order", needs: [Dependency(name: "broker")])

    @Test func aServiceWaitsUntilItsServerIsReadyAndPrepared() {
        var machine = Machine(.server("broker"), order)
        #expect(machine.spawns == ["broker/1"])
        #expect(machine.label("order") == "waiting")
        machine.spawned("broker")
        machine.probe("broker")
        #expect(machine.provisions == ["broker"])
        #expect(machine.spawns.isEmpty)
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func whatDiesWhileItsDependencyIsAwayWaitsForItAndIsNotHeldToAccount() {
        var machine = upWithBroker()
        machine.exits("broker")
        for _ in 0..<50 { machine.exits("order") }
        #expect(machine.label("order") == "waiting")
        machine.pass(.seconds(30))
        machine.spawned("broker")
        machine.probe("broker")
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func whatRunsIsLeftAloneWhenItsDependencyGoes() {
        var machine = upWithBroker()
        machine.exits("broker")
        #expect(machine.label("order") == "ready")
        #expect(machine.signals.isEmpty)
        #expect(machine.state.overallState == .degraded)
    }

    @Test func preparationIsTriedAgainAndItsOldAnswersAreIgnored() {
        var machine = Machine(.server("broker"), order)
        machine.spawned("broker")
        machine.probe("broker")
        let first = machine.state.services[0].provisioningGeneration
        machine.send(.provisioningFailed("broker", generation: first, reason: "refused"))
        #expect(machine.state.status(of: machine.state.services[0]).reason == "preparing it failed: refused")
        machine.pass(.seconds(1))
        #expect(machine.provisions == ["broker"])
        machine.exits("broker")
        machine.send(.provisioned("broker", generation: first + 1))
        #expect(machine.label("order") == "waiting")
        machine.spawned("broker")
        machine.probe("broker")
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        #expect(machine.label("order") == "starting")
    }

    @Test(arguments: Dependency.Condition.allCases)
    func conditionsAreWhatTheySay(condition: Dependency.Condition) {
        var machine = Machine(
            .service("first", restart: RestartRules(policy: .never)),
            .service("second", needs: [Dependency(name: "first", condition: condition)]))
        #expect(machine.label("second") == "waiting")
        machine.spawned("first")
        #expect((machine.label("second") == "waiting") == (condition != .started))
        machine.probe("first")
        #expect((machine.label("second") == "waiting") == (condition == .completed))
        machine.exits("first", 1, .a, .exited(0))
        if condition == .completed { #expect(machine.label("second") == "starting") }
    }

    @Test func aRestartOfAWaitingServiceNeitherWedgesNorDoublesIt() {
        var machine = Machine(.server("broker"), order)
        for _ in 0..<3 { machine.send(.restartRequested("order", actor: "anna")) }
        #expect(machine.spawns.isEmpty)
        machine.spawned("broker")
        machine.probe("broker")
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func anExternalServerIsProbedAndPreparedButNeverSignalled() {
        var machine = Machine(.server("broker", isExternal: true), order)
        machine.send(.spawned(InstanceID("broker", 1), SpawnedProcess(pid: nil)))
        machine.probe("broker")
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        machine.comesUp("order")
        machine.send(.shutdownRequested(reason: "test", within: nil))
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order")
        #expect(machine.signals.isEmpty)
        #expect(machine.effects.last == .finish)
    }

    private func upWithBroker() -> Machine {
        var machine = Machine(.server("broker"), order)
        machine.spawned("broker")
        machine.probe("broker")
        machine.send(.provisioned("broker", generation: machine.state.services[0].provisioningGeneration))
        machine.comesUp("order")
        #expect(machine.state.overallState == .ready)
        return machine
    }
}
