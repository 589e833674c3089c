import Supervision
import Testing
import Topology

@Suite struct ReplacementTests {
    @Test func aRestartTakesOneInstanceAfterTheOther() {
        var machine = Machine(.service("order", instances: 3))
        for number in 1...3 { machine.comesUp("order", number) }
        machine.send(.restartRequested("order", actor: "anna"))
        for number in 1...3 {
            #expect(machine.signals == ["order/\(number) 15"])
            machine.exits("order", number, .a, .exited(0))
            #expect(machine.spawns == ["order/\(number)"])
            machine.spawned("order", number)
            #expect(machine.signals.isEmpty)
            machine.probe("order", number)
        }
        #expect(machine.signals.isEmpty)
        #expect(machine.labels("order") == ["ready", "ready", "ready"])
    }

    @Test func anInstanceThatDoesNotComeBackStopsTheRound() {
        var machine = Machine(.service("order", instances: 2))
        for number in 1...2 { machine.comesUp("order", number) }
        machine.send(.restartRequested("order", actor: "anna"))
        machine.exits("order", 1, .a, .exited(0))
        machine.spawned("order", 1)
        machine.pass(.seconds(600))
        #expect(machine.signals.isEmpty)
        #expect(machine.label("order", 2) == "ready")
    }

    @Test func aSecondRestartMeanwhileDoublesNothing() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.restartRequested("order", actor: "anna"))
        machine.send(.restartRequested("order", actor: "bert"))
        #expect(machine.signals.isEmpty)
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.spawns == ["order/1"])
        machine.comesUp("order")
        #expect(machine.signals.isEmpty)
    }

    @Test func applyTouchesOnlyWhatDiffers() {
        var machine = Machine(.service("order", fingerprint: "1"), .service("payment", fingerprint: "1"))
        machine.comesUp("order", fingerprint: "1")
        machine.comesUp("payment", fingerprint: "1")
        machine.send(
            .topologyApplied([.service("order", fingerprint: "2"), .service("payment", fingerprint: "1"), .service("new")], actor: "anna"))
        #expect(machine.signals == ["order/1 15"])
        #expect(machine.spawns == ["new/1"])
        machine.exits("order", 1, .a, .exited(0))
        machine.comesUp("order", fingerprint: "2")
        #expect(
            machine.state.services.flatMap(\.instances).allSatisfy { $0.phase.isReady || $0.number == 1 && $0.phase.label == "starting" })
        machine.send(
            .topologyApplied([.service("order", fingerprint: "2"), .service("payment", fingerprint: "1"), .service("new")], actor: "anna"))
        #expect(machine.signals.isEmpty)
        #expect(machine.spawns.isEmpty)
    }

    @Test func moreInstancesInTheFileStartJustThose() {
        var machine = Machine(.service("order", instances: 3))
        for number in 1...3 { machine.comesUp("order", number) }
        machine.send(.topologyApplied([.service("order", instances: 5)], actor: "anna"))
        #expect(machine.spawns == ["order/4", "order/5"])
        #expect(machine.signals.isEmpty)
    }

    @Test func theFilesNumberTakesThePlaceOfAPersons() {
        var machine = Machine(.service("order", instances: 2))
        machine.send(.scaleRequested("order", instances: 4, actor: "anna"))
        machine.send(.topologyApplied([.service("order", instances: 2)], actor: "anna"))
        #expect(machine.state.services[0].desired == 4)
        machine.send(.topologyApplied([.service("order", instances: 3)], actor: "anna"))
        #expect(machine.state.services[0].desired == 3)
    }

    @Test func whatIsNoLongerDeclaredEnds() {
        var machine = Machine(.service("order"), .service("old"))
        machine.comesUp("order")
        machine.comesUp("old")
        machine.send(.topologyApplied([.service("order")], actor: "anna"))
        #expect(machine.signals == ["old/1 15"])
        machine.exits("old", 1, .a, .exited(0))
        #expect(machine.state.service(named: "old") == nil)
    }

    @Test func otherProbesAreAskedWithoutARestart() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.topologyApplied([.service("order", readiness: Probe(.tcp(nil)))], actor: "anna"))
        #expect(machine.signals.isEmpty)
        #expect(machine.label("order") == "ready")
        #expect(machine.effects.contains(.stopProbes(InstanceID("order", 1))))
    }

    @Test func onOtherServersAllOldProcessesEndBeforeANewOneStarts() {
        var machine = Machine(.service("order", instances: 2, fingerprint: "1", foundation: "1"))
        for number in 1...2 { machine.comesUp("order", number, fingerprint: "1") }
        machine.send(.topologyApplied([.service("order", instances: 2, fingerprint: "2", foundation: "2")], actor: "anna"))
        #expect(machine.signals == ["order/1 15", "order/2 15"])
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.spawns.isEmpty)
        machine.exits("order", 2, .a, .exited(0))
        #expect(machine.spawns == ["order/1", "order/2"])
    }

    // MARK: After a death of the supervisor

    @Test func whatRunsIsAdoptedAndNotStartedAgain() {
        let found = FoundProcess(
            id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, port: 21_000, fingerprint: "1"), isReady: true))
        let machine = Machine(.service("order", takesRequests: true, fingerprint: "1"), found: [found])
        #expect(machine.spawns.isEmpty)
        #expect(machine.signals.isEmpty)
        #expect(machine.gateway?["order"]?.map(\.port) == [21_000])
        #expect(machine.label("order") == "ready")
    }

    @Test func whatWasStartedFromAnotherFileIsReplaced() {
        let found = FoundProcess(id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, fingerprint: "1"), isReady: false))
        var machine = Machine(.service("order", fingerprint: "2"), found: [found])
        // It may be ready: a probe has to say.
        #expect(machine.signals.isEmpty)
        machine.probe("order")
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
    }

    @Test func oneThatSaysNothingIsReplacedAfterAWhile() {
        let found = FoundProcess(id: InstanceID("order", 1), condition: .running(SpawnedProcess(pid: 7, fingerprint: "1"), isReady: false))
        var machine = Machine(.service("order", readiness: Probe(.notify), fingerprint: "2"), found: [found])
        machine.pass(SupervisionState.patienceWithSilence)
        #expect(machine.signals == ["order/1 15"])
    }

    @Test func whatIsNotDeclaredIsEnded() {
        let found = [
            FoundProcess(id: InstanceID("old", 1), condition: .running(SpawnedProcess(pid: 7), isReady: false)),
            FoundProcess(id: InstanceID("order", 2), condition: .running(SpawnedProcess(pid: 8), isReady: false)),
        ]
        let machine = Machine(.service("order"), found: found)
        #expect(Set(machine.signals) == ["old/1 15", "order/2 15"])
        #expect(machine.spawns == ["order/1"])
    }

    @Test func whatEndedMeanwhileIsStartedAgainUnlessItWasDone() {
        let found = [
            FoundProcess(id: InstanceID("order", 1), condition: .ended(Termination(.exited(1)))),
            FoundProcess(id: InstanceID("job", 1), condition: .ended(Termination(.exited(0)))),
        ]
        let machine = Machine(.service("order"), .service("job", restart: RestartRules(policy: .never)), found: found)
        #expect(machine.spawns == ["order/1"])
        #expect(machine.label("job") == "completed")
        #expect(machine.effects.contains(.forget(InstanceID("order", 1))))
    }
}
