import Supervision
import Testing
import Topology

/// Rolling replacement with overlap, and the way back.
@Suite struct UpdateTests {
    private func declared(_ fingerprint: String, instances: Int = 2, overlap: Bool = true) -> SupervisedService {
        .service(
            "order", instances: instances, restart: RestartRules(limitRestarts: 3), takesRequests: true, fingerprint: fingerprint,
            overlap: overlap, readyWithin: .seconds(30))
    }

    private func running(instances: Int = 2, overlap: Bool = true) -> Machine {
        var machine = Machine(declared("1", instances: instances, overlap: overlap))
        for number in 1...instances { machine.comesUp("order", number, fingerprint: "1") }
        return machine
    }

    @Test func theNewProcessIsReadyBeforeTheOldOneEnds() {
        var machine = running()
        machine.send(.topologyApplied([declared("2")], actor: "anna"))
        #expect(machine.starts == ["order/1b 2"])
        #expect(machine.signals.isEmpty)
        machine.spawned("order", 1, .b, port: 30_001, fingerprint: "2")
        #expect(machine.gateway == nil)
        machine.probe("order", 1, .b)
        let upstreams = machine.gateway?["order"]?.filter { $0.instance == 1 }
        #expect(upstreams?.map(\.state) == [.ready, .draining])
        #expect(upstreams?.first?.port == 30_001)
        machine.pass(SupervisionState.drainNotice)
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.starts == ["order/2b 2"])
        machine.comesUp("order", 2, .b, fingerprint: "2")
        machine.pass(SupervisionState.drainNotice)
        machine.exits("order", 2, .a, .exited(0))
        #expect(machine.state.service(named: "order")?.previous == nil)
        #expect(machine.labels("order") == ["ready", "ready"])
        machine.send(.restartRequested("order", actor: "anna"))
        #expect(machine.starts == ["order/1 2"])
    }

    @Test func anUpdateThatDoesNotComeUpIsRolledBackAndTheOldProcessesGoOn() throws {
        var machine = running()
        machine.send(.topologyApplied([declared("2")], actor: "anna"))
        machine.spawned("order", 1, .b, fingerprint: "2")
        machine.probeFails("order", 1, .b)
        machine.pass(.seconds(30))
        #expect(machine.signals == ["order/1b 15"])
        let service = try #require(machine.state.service(named: "order"))
        #expect(service.definition.fingerprint == "1" && service.rolledBack?.fingerprint == "2")
        #expect(machine.labels("order") == ["ready", "ready"])
        #expect(machine.state.status(of: service).reason?.contains("status 503") == true)
        #expect(machine.memory?.rolledBack["order"]?.fingerprint == "2")
        machine.exits("order", 1, .b)
        machine.exits("order", 2)
        #expect(machine.starts == ["order/2 1"])
        machine.comesUp("order", 2, fingerprint: "1")
        machine.send(.topologyApplied([declared("2")], actor: "anna"))
        #expect(machine.state.service(named: "order")?.rolledBack == nil)
        #expect(machine.starts == ["order/1b 2"])
    }

    @Test func anUpdateThatEndsTooOftenIsRolledBack() {
        var machine = running(instances: 1)
        machine.send(.topologyApplied([declared("2", instances: 1)], actor: "anna"))
        while machine.state.service(named: "order")?.previous != nil, machine.now < .seconds(30) {
            machine.spawned("order", 1, .b, fingerprint: "2")
            machine.exits("order", 1, .b, .exited(1))
            guard case .backoff(let until) = machine.instance("order")?.companion?.phase else { continue }
            machine.pass(until - machine.now)
        }
        #expect(machine.state.service(named: "order")?.rolledBack?.fingerprint == "2")
        #expect(machine.now < .seconds(30))
        #expect(machine.label("order") == "ready")
    }

    @Test func anUpdateThatCannotBeStartedIsRolledBackAtOnce() {
        var machine = running(instances: 1)
        machine.send(.topologyApplied([declared("2", instances: 1)], actor: "anna"))
        machine.send(.spawnFailed(InstanceID("order", 1, .b), reason: "command not found: ordr", isPermanent: true))
        #expect(machine.state.service(named: "order")?.rolledBack?.reason.contains("ordr") == true)
        #expect(machine.instance("order")?.companion == nil)
    }

    @Test func withoutOverlapTheOldDeclarationIsStartedAgain() {
        var machine = running(instances: 1, overlap: false)
        machine.send(.topologyApplied([declared("2", instances: 1, overlap: false)], actor: "anna"))
        machine.pass(SupervisionState.drainNotice)
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.starts == ["order/1 2"])
        machine.send(.spawnFailed(InstanceID("order", 1), reason: "command not found", isPermanent: true))
        #expect(machine.starts == ["order/1 1"])
        machine.comesUp("order", fingerprint: "1")
        #expect(machine.label("order") == "ready")
        #expect(machine.state.service(named: "order")?.rolledBack?.fingerprint == "2")
    }

    @Test func whatDiesBeforeItsTurnComesBackAsItWas() {
        var machine = running()
        machine.send(.topologyApplied([declared("2")], actor: "anna"))
        machine.exits("order", 2)
        #expect(machine.starts == ["order/2 1"])
    }

    @Test func aRestartThatDoesNotComeUpLeavesTheOldProcess() {
        var machine = running(instances: 1)
        machine.send(.restartRequested("order", actor: "anna"))
        machine.spawned("order", 1, .b, fingerprint: "1")
        machine.pass(.seconds(30))
        #expect(machine.signals == ["order/1b 15"])
        machine.exits("order", 1, .b)
        #expect(machine.label("order") == "ready")
        let service = machine.state.services[0]
        #expect(machine.state.status(of: service).reason?.contains("the restart was given up") == true)
    }

    @Test func theOldProcessMayDieWhileItsReplacementComesUp() {
        var machine = running(instances: 1)
        machine.send(.restartRequested("order", actor: "anna"))
        machine.spawned("order", 1, .b, fingerprint: "1")
        machine.exits("order")
        #expect(machine.spawns.isEmpty)
        machine.probe("order", 1, .b)
        #expect(machine.label("order") == "ready")
        #expect(machine.gateway?["order"]?.map(\.state) == [.ready])
    }

    @Test func aStopEndsBothProcesses() {
        var machine = running(instances: 1)
        machine.send(.restartRequested("order", actor: "anna"))
        machine.spawned("order", 1, .b, fingerprint: "1")
        machine.send(.stopRequested("order", actor: "anna"))
        #expect(machine.signals == ["order/1b 15"])
        machine.pass(SupervisionState.drainNotice)
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order")
        machine.exits("order", 1, .b)
        #expect(machine.labels("order") == ["stopped"])
    }

    @Test func aNewProcessWithoutAProbeHasToLastAMoment() {
        let declaration = SupervisedService.service("order", readiness: nil, fingerprint: "1", overlap: true)
        var machine = Machine(declaration)
        machine.spawned("order", fingerprint: "1")
        machine.send(.restartRequested("order", actor: "anna"))
        machine.spawned("order", 1, .b, fingerprint: "1")
        #expect(machine.signals.isEmpty)
        machine.pass(SupervisionState.provingTime)
        #expect(machine.signals == ["order/1 15"])
    }

    // MARK: After a death of the supervisor

    @Test func anotherSupervisorGoesOnWithAReplacement() {
        let found = [
            FoundProcess(
                id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, startedAt: 1, fingerprint: "1"), isReady: true)),
            FoundProcess(
                id: InstanceID("order", 1, .b), condition: .running(SpawnedProcess(pid: 8, startedAt: 2, fingerprint: "2"), isReady: false)),
        ]
        var machine = Machine(
            declared("2", instances: 1), previous: ["order": declared("1", instances: 1)],
            remembered: Remembered(updating: ["order": "1"]), found: found)
        #expect(machine.signals.isEmpty && machine.spawns.isEmpty)
        machine.pass(.seconds(30))
        #expect(machine.signals == ["order/1b 15"])
        #expect(machine.state.service(named: "order")?.definition.fingerprint == "1")
    }

    @Test func anotherSupervisorKeepsToWhatWasRolledBack() {
        let found = FoundProcess(
            id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, startedAt: 1, fingerprint: "1"), isReady: true))
        let machine = Machine(
            declared("2", instances: 1), previous: ["order": declared("1", instances: 1)],
            remembered: Remembered(rolledBack: ["order": .init(fingerprint: "2", reason: "no")]), found: [found])
        #expect(machine.signals.isEmpty && machine.spawns.isEmpty)
        #expect(machine.state.service(named: "order")?.definition.fingerprint == "1")
    }

    @Test func aRestartThatWasUnderWayIsGoneOnWith() {
        let found = FoundProcess(
            id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, startedAt: 1, fingerprint: "1"), isReady: true))
        let machine = Machine(declared("1", instances: 1), remembered: Remembered(replacing: ["order/1": 7]), found: [found])
        #expect(machine.starts == ["order/1b 1"])
    }
}
