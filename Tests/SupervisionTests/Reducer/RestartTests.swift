import Supervision
import Testing
import Topology

@Suite struct RestartTests {
    @Test func theFirstRestartIsAtOnce() {
        var machine = Machine(.service("order"))
        #expect(machine.spawns == ["order/1"])
        machine.comesUp("order")
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
        #expect(machine.transitions.first?.evidence == "signal 9 (KILL)")
    }

    @Test func laterOnesWaitLongerAndLonger() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.exits("order")
        var waited: [Duration] = []
        for _ in 0..<4 {
            machine.spawned("order")
            machine.exits("order")
            #expect(machine.label("order") == "backoff")
            let deadline = machine.state.nextDeadline ?? .zero
            waited.append(deadline - machine.now)
            machine.pass(deadline - machine.now)
            #expect(machine.spawns == ["order/1"])
        }
        for (wait, expected) in zip(waited, [100, 200, 400, 800]) {
            #expect(wait >= .milliseconds(expected) * 0.8 && wait <= .milliseconds(expected) * 1.2)
        }
    }

    @Test func aHealthyStretchMakesTheNextDeathAFirstOne() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.exits("order")
        machine.comesUp("order")
        machine.pass(.seconds(60))
        machine.exits("order")
        #expect(machine.spawns == ["order/1"])
    }

    @Test func tooManyRestartsAreAFailureWithItsReasonAndAWayBack() {
        var machine = Machine(.service("order", restart: RestartRules(limitRestarts: 3)))
        for _ in 0..<4 {
            machine.spawned("order")
            machine.exits("order", 1, .a, .exited(2))
            if let deadline = machine.state.nextDeadline { machine.pass(deadline - machine.now) }
        }
        #expect(machine.label("order") == "failed")
        #expect(machine.state.status(of: machine.state.services[0]).reason?.contains("status 2") == true)
        machine.pass(.seconds(3600))
        #expect(machine.spawns.isEmpty)
        machine.send(.startRequested("order", actor: "anna"))
        #expect(machine.spawns == ["order/1"])
        #expect(machine.transitions.first?.actor == "anna")
    }

    @Test(arguments: [
        (RestartRules.Policy.always, 0, "starting"), (.always, 1, "starting"), (.onFailure, 0, "completed"), (.onFailure, 1, "starting"),
        (.never, 0, "completed"), (.never, 1, "failed"),
    ])
    func thePolicyDecides(policy: RestartRules.Policy, status: Int, expected: String) {
        var machine = Machine(.service("job", readiness: nil, restart: RestartRules(policy: policy)))
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(Int32(status)))
        #expect(machine.label("job") == expected)
    }

    @Test func anExitThatOvertakesTheAnswerToTheSpawnIsNotLost() {
        var machine = Machine(.service("order"))
        machine.exits("order")
        #expect(machine.label("order") == "starting")
        machine.spawned("order")
        #expect(machine.spawns == ["order/1"])
        machine.comesUp("order")
        #expect(machine.label("order") == "ready")
    }

    @Test func aCommandThatIsNotThereFailsAtOnce() {
        var machine = Machine(.service("order"))
        machine.send(.spawnFailed(InstanceID("order", 1), reason: "command not found: ordr", isPermanent: true))
        #expect(machine.label("order") == "failed")
        #expect(machine.state.overallState == .failed)
        #expect(machine.state.overallReason?.contains("command not found: ordr") == true)
    }

    @Test func aStartThatFailsForAWhileIsTriedAgain() {
        var machine = Machine(.service("order"))
        machine.send(.spawnFailed(InstanceID("order", 1), reason: "no memory", isPermanent: false))
        #expect(machine.spawns == ["order/1"])
        machine.send(.spawnFailed(InstanceID("order", 1), reason: "no memory", isPermanent: false))
        #expect(machine.label("order") == "backoff")
    }

    @Test func backoffIsBoundedAndSpread() {
        var random = SeededGenerator(seed: 3)
        let rules = RestartRules(limitRestarts: 1_000, limitWindow: .seconds(3_600))
        var history = RestartHistory()
        var delays: Set<Duration> = []
        for _ in 0..<100 {
            guard case .restart(let delay) = history.decide(by: rules, upFor: .zero, at: .zero, random: &random) else {
                Issue.record("gave up below its limit")
                return
            }
            #expect(delay <= rules.maximumBackoff * 1.2)
            delays.insert(delay)
        }
        #expect(delays.count > 90)
    }
}
