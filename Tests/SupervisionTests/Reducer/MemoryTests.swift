import Supervision
import Testing
import Topology

/// What a supervisor's death must not undo.
@Suite struct MemoryTests {
    @Test func anEndThatWasToldIsActedUponAndNotToldAgain() {
        let ended = FoundProcess.Condition.ended(Termination(.exited(3)))
        for isTold in [false, true] {
            let machine = Machine(.service("order"), found: [FoundProcess(id: InstanceID("order", 1), condition: ended, isEndTold: isTold)])
            #expect(machine.spawns == ["order/1"])
            #expect(machine.transitions.contains { $0.evidence == "status 3" } == !isTold)
        }
    }

    @Test func wantOfMemoryIsToldBesideTheStatus() {
        #expect("\(Termination(.signalled(9), isOutOfMemory: true))" == "signal 9 (KILL), out of memory")
        #expect("\(Termination(.exited(137), isOutOfMemory: true))" == "status 137, out of memory")
        let well = Termination(.exited(0), isOutOfMemory: true)
        #expect("\(well)" == "status 0" && !well.isOutOfMemory && !well.fits([.outOfMemory]))
    }

    private let order = SupervisedService.service("order", restart: RestartRules(limitRestarts: 3), fingerprint: "1")

    @Test func whatHadFailedStaysSo() {
        var machine = Machine(order)
        machine.send(.spawnFailed(InstanceID("order", 1), reason: "command not found", isPermanent: true))
        let memory = machine.memory ?? Remembered()
        #expect(memory.failed["order/1"]?.reason == "command not found")
        let next = Machine(order, remembered: memory)
        #expect(next.spawns.isEmpty && next.label("order") == "failed")
        var fixed = order
        fixed.fingerprint = "2"
        #expect(Machine(fixed, remembered: memory).spawns == ["order/1"])
    }

    @Test func neitherLimitNorBackoffBeginsAnew() {
        var machine = Machine(order)
        var memory = Remembered()
        for _ in 0..<3 {
            machine.spawned("order", fingerprint: "1")
            machine.exits("order")
            memory = machine.memory ?? memory
            if let next = machine.state.nextDeadline { machine.pass(next - machine.now) }
        }
        #expect(memory.restarts["order/1"]?.times.count == 3)
        var next = Machine(order, remembered: memory, timeOfDay: Machine.timeOfDay + machine.now / .seconds(1) - 0.1)
        #expect(next.label("order") == "backoff")
        next.pass(.seconds(1))
        #expect(next.spawns == ["order/1"])
        next.spawned("order", fingerprint: "1")
        next.exits("order")
        #expect(next.label("order") == "failed")
    }

    @Test func whatARuleHasMadeOfTheNumberIsKept() {
        let rule = ScaleRule(minimum: 1, maximum: 4, queue: "q", backlogPerInstance: 10)
        var machine = Machine(.service("order", scale: rule))
        machine.send(.measured(.init(readyMessages: ["q": 30])))
        #expect(machine.memory?.scaledByRule == ["order": 3])
        let next = Machine(.service("order", scale: rule), remembered: machine.memory ?? Remembered())
        #expect(next.spawns.count == 3)
    }

    @Test func aShutdownDoesNotForgetWhatWasStopped() {
        var machine = Machine(.service("order"), .service("payment"))
        machine.comesUp("payment")
        machine.send(.stopRequested("order", actor: "anna"))
        machine.send(.shutdownRequested(reason: "test", within: nil))
        #expect(machine.memory?.held ?? ["order"] == ["order"])
    }
}
