import Supervision
import Testing
import Topology

/// Restart exceptions, the watchdog, what a process says of itself, the return of dependents, and the shutdown's deadline.
@Suite struct RuleTests {
    @Test(arguments: [
        (Termination(.exited(78)), "failed"), (Termination(.signalled(11)), "completed"),
        (Termination(.signalled(9), isOutOfMemory: true), "failed"), (Termination(.exited(3)), "starting"),
        (Termination(.exited(4)), "failed"),
    ])
    func exceptionsComeBeforeThePolicy(end: Termination, expected: String) {
        let restart = RestartRules(
            policy: .never,
            exceptions: [
                RestartException(ends: [.status(78), .outOfMemory], consequence: .fail),
                RestartException(ends: [.signal(11)], consequence: .complete),
                RestartException(ends: [.status(3)], consequence: .restart),
            ])
        var machine = Machine(.service("order", restart: restart))
        machine.comesUp("order")
        machine.send(.exited(InstanceID("order", 1), end))
        #expect(machine.label("order") == expected)
    }

    @Test func aProcessThatStopsSayingThatItIsAliveIsRestarted() {
        var machine = Machine(.service("order", watchdog: .seconds(10)))
        machine.spawned("order")
        machine.pass(.seconds(60))
        #expect(machine.signals.isEmpty)
        machine.probe("order")
        machine.pass(.seconds(9))
        machine.send(.watchdogPinged(InstanceID("order", 1)))
        machine.pass(.seconds(9))
        #expect(machine.signals.isEmpty)
        machine.pass(.seconds(1))
        #expect(machine.signals == ["order/1 15"])
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
        machine.comesUp("order")
        machine.send(.watchdogTriggered(InstanceID("order", 1)))
        #expect(machine.signals == ["order/1 15"])
    }

    @Test func whatAProcessSaysOfItselfIsShown() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.statusTold(InstanceID("order", 1), "42 orders open"))
        #expect(machine.state.status(of: machine.state.services[0]).instances.first?.reason == "42 orders open")
    }

    @Test func whatWaitedForADependencyComesBackAFewAtATime() {
        var services = [SupervisedService.service("base")]
        for number in 0..<10 { services.append(.service("s\(number)", needs: [Dependency(name: "base")])) }
        var machine = Machine()
        machine.send(.started(services, previous: [:], .init(), found: []))
        machine.comesUp("base")
        #expect(machine.spawns.count == 10)
        for number in 0..<10 { machine.comesUp("s\(number)") }
        machine.exits("base")
        for number in 0..<10 { machine.exits("s\(number)") }
        machine.spawned("base")
        machine.probe("base")
        #expect(machine.spawns.count == SupervisionState.returningAtOnce)
        machine.pass(.milliseconds(121))
        #expect(machine.spawns.count == 4)
        machine.pass(.milliseconds(121))
        #expect(machine.spawns.count == 2)
    }

    @Test func aShutdownHasOneDeadlineAndSaysWhoHoldsItUp() {
        var machine = Machine(
            .server("base"), .service("order", needs: [Dependency(name: "base")], stop: StopRules(grace: .seconds(600))),
            .service("front", needs: [Dependency(name: "order")], stop: StopRules(grace: .seconds(600))))
        machine.comesUp("base")
        machine.send(.provisioned("base", generation: 1))
        machine.comesUp("order")
        machine.comesUp("front")
        machine.send(.shutdownRequested(reason: "test", within: .seconds(10)))
        #expect(machine.signals == ["front/1 15"])
        #expect(machine.state.overallReason?.contains("front/1 (stopping)") == true)
        #expect(machine.state.overallReason?.contains("then for base, order") == true)
        machine.pass(.seconds(10))
        // The server's data are not to be hurt: it ends as ever once nobody uses it.
        #expect(machine.kills.sorted() == ["front/1", "order/1"])
        #expect(machine.signals.isEmpty)
        machine.exits("front")
        machine.exits("order")
        #expect(machine.signals == ["base/1 15"])
        machine.pass(.seconds(4))
        #expect(machine.kills.isEmpty)
        machine.exits("base", 1, .a, .exited(0))
        #expect(machine.effects.contains(.finish))
    }

    @Test func aServerDoesNotWaitForWhatEvenAKillDoesNotEnd() {
        var machine = Machine(.server("base"), .service("order", needs: [Dependency(name: "base")]))
        machine.comesUp("base")
        machine.send(.provisioned("base", generation: 1))
        machine.comesUp("order")
        machine.send(.shutdownRequested(reason: "test", within: .seconds(10)))
        machine.pass(.seconds(10) + SupervisionState.killInterval)
        #expect(machine.kills.contains("order/1"))
        #expect(machine.signals == ["base/1 15"])
        machine.pass(SupervisionState.killInterval)
        #expect(!machine.kills.contains("base/1"))
    }

    @Test func fiveHundredServicesAreOneEventEach() {
        var machine = Machine()
        let services = (0..<500).map { SupervisedService.service("s\($0)") }
        machine.send(.started(services, previous: [:], .init(), found: []))
        #expect(machine.spawns.count == 500)
        for number in 0..<500 {
            machine.comesUp("s\(number)")
            #expect(machine.effects.count <= 3)
        }
        #expect(machine.state.overallState == .ready)
    }
}
