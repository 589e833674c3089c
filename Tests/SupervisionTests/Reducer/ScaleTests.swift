import Supervision
import Testing
import Topology

@Suite struct ScaleTests {
    @Test func moreInstancesStartWithoutTouchingTheOthers() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.scaleRequested("order", instances: 3, actor: "anna"))
        #expect(machine.spawns == ["order/2", "order/3"])
        #expect(machine.signals.isEmpty)
        #expect(machine.transitions.contains { $0.instance == nil && $0.cause == "scaled from 1 to 3" && $0.actor == "anna" })
    }

    @Test func fewerTakesTheHighestNumbersAndForgetsThem() {
        var machine = Machine(.service("order", instances: 3, takesRequests: true))
        for number in 1...3 { machine.comesUp("order", number) }
        machine.send(.scaleRequested("order", instances: 1, actor: "anna"))
        #expect(machine.labels("order") == ["ready", "draining", "draining"])
        machine.pass(SupervisionState.drainNotice)
        #expect(machine.signals == ["order/2 15", "order/3 15"])
        machine.exits("order", 2, .a, .exited(0))
        machine.exits("order", 3, .a, .exited(0))
        #expect(machine.labels("order") == ["ready"])
    }

    @Test func upAgainWhileGoingDownKeepsOneProcessAnInstance() {
        var machine = Machine(.service("order", instances: 2))
        machine.comesUp("order", 1)
        machine.comesUp("order", 2)
        machine.send(.scaleRequested("order", instances: 1, actor: "anna"))
        machine.send(.scaleRequested("order", instances: 2, actor: "anna"))
        #expect(machine.spawns.isEmpty)
        machine.exits("order", 2, .a, .exited(0))
        #expect(machine.spawns == ["order/2"])
    }

    @Test func noneIsANumberToo() {
        var machine = Machine(.service("order"))
        machine.comesUp("order")
        machine.send(.scaleRequested("order", instances: 0, actor: "anna"))
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.labels("order").isEmpty)
        #expect(machine.state.overallState == .ready)
        machine.send(.scaleRequested("order", instances: 1, actor: "anna"))
        #expect(machine.spawns == ["order/1"])
    }

    @Test func whatWasAskedForIsRemembered() {
        var machine = Machine(.service("order"))
        machine.send(.scaleRequested("order", instances: 3, actor: "anna"))
        #expect(machine.effects.contains(.remember(.init(scaledByHand: ["order": 3]))))
        machine.send(.stopRequested("order", actor: "anna"))
        #expect(machine.effects.contains(.remember(.init(scaledByHand: ["order": 3], held: ["order"]))))
        let next = Machine(.service("order"), remembered: .init(scaledByHand: ["order": 2], held: []))
        #expect(next.spawns == ["order/1", "order/2"])
        let held = Machine(.service("order"), remembered: .init(held: ["order"]))
        #expect(held.spawns.isEmpty)
    }

    @Test func theRuleFollowsItsQueueUpAtOnceAndDownAfterACalmStretch() {
        let rule = ScaleRule(minimum: 1, maximum: 4, queue: "order.requests", backlogPerInstance: 100)
        var machine = Machine(.service("order", scale: rule))
        machine.comesUp("order")
        machine.send(.measured(.init(readyMessages: ["order.requests": 250])))
        #expect(machine.spawns == ["order/2", "order/3"])
        #expect(machine.transitions.first?.evidence == "250 messages ready in order.requests, 100 an instance")
        machine.send(.measured(.init(readyMessages: ["order.requests": 10_000])))
        #expect(machine.spawns.isEmpty)
        machine.send(.measured(.init(readyMessages: ["order.requests": 10_000])), after: rule.coolDown)
        #expect(machine.spawns == ["order/4"])
        for number in 2...4 { machine.comesUp("order", number) }

        machine.send(.measured(.init(readyMessages: ["order.requests": 0])))
        machine.send(.measured(.init(readyMessages: ["order.requests": 150])), after: .seconds(20))
        #expect(machine.signals.isEmpty)
        machine.send(.measured(.init(readyMessages: ["order.requests": 0])), after: .seconds(10))
        // Two would have been needed in that stretch.
        #expect(machine.signals == ["order/3 15", "order/4 15"])
    }

    @Test func aPeakEndsTheCalm() {
        let rule = ScaleRule(minimum: 1, maximum: 4, queue: "q", backlogPerInstance: 100)
        var machine = Machine(.service("order", instances: 2, scale: rule))
        machine.send(.measured(.init(readyMessages: ["q": 0])))
        machine.send(.measured(.init(readyMessages: ["q": 200])), after: .seconds(29))
        machine.send(.measured(.init(readyMessages: ["q": 0])), after: .seconds(2))
        #expect(machine.state.services[0].desired == 2)
    }

    @Test func theRuleNeverGoesBelowWhatAPersonAskedFor() {
        let rule = ScaleRule(minimum: 1, maximum: 4, queue: "q", backlogPerInstance: 100)
        var machine = Machine(.service("order", scale: rule))
        machine.send(.scaleRequested("order", instances: 3, actor: "anna"))
        machine.send(.measured(.init(readyMessages: ["q": 0])))
        machine.send(.measured(.init(readyMessages: ["q": 0])), after: .seconds(300))
        #expect(machine.state.services[0].desired == 3)
    }
}

extension ScaleTests {
    @Test func theLargestOfSeveralRulesHolds() {
        let rule = ScaleRule(minimum: 1, maximum: 6, queue: "q", backlogPerInstance: 100, cpu: 0.5)
        var machine = Machine(.service("order", scale: rule))
        machine.comesUp("order")
        machine.send(.measured(.init(readyMessages: ["q": 150], cores: [InstanceID("order", 1): 1.8])))
        #expect(machine.state.services[0].desired == 4)
        #expect(machine.transitions.first?.evidence == "150 messages ready in q, 100 an instance; 1.8 cores in use, 0.5 an instance")
    }

    @Test func consumersThatCannotTakeMoreGetHelp() {
        let rule = ScaleRule(minimum: 1, maximum: 6, queue: "q", backlogPerInstance: 1_000, consumerUtilisation: 0.5)
        var machine = Machine(.service("order", scale: rule))
        machine.comesUp("order")
        machine.send(.measured(.init(readyMessages: ["q": 10], consumerUtilisation: ["q": 0.48])))
        #expect(machine.state.services[0].desired == 1)
        machine.send(.measured(.init(readyMessages: ["q": 10], consumerUtilisation: ["q": 0.2])))
        #expect(machine.state.services[0].desired == 2)
    }

    @Test func processorTimeAloneNeverTakesTheLastOneAway() {
        let rule = ScaleRule(minimum: 0, maximum: 4, cpu: 0.5)
        var machine = Machine(.service("order", scale: rule))
        machine.comesUp("order")
        for _ in 0..<10 { machine.send(.measured(.init(cores: [InstanceID("order", 1): 0])), after: .seconds(10)) }
        #expect(machine.state.services[0].desired == 1)
        // A queue brings it back, so that it may.
        var fed = Machine(.service("order", scale: ScaleRule(minimum: 0, maximum: 4, queue: "q", cpu: 0.5)))
        fed.comesUp("order")
        for _ in 0..<10 { fed.send(.measured(.init(cores: [InstanceID("order", 1): 0])), after: .seconds(10)) }
        #expect(fed.state.services[0].desired == 1)
        for _ in 0..<10 { fed.send(.measured(.init(readyMessages: ["q": 0], cores: [InstanceID("order", 1): 0])), after: .seconds(10)) }
        #expect(fed.state.services[0].desired == 0)
        fed.send(.measured(.init(readyMessages: ["q": 1])))
        #expect(fed.state.services[0].desired == 1)
    }

    @Test(arguments: [(0.3, 3), (0.52, 3), (0.9, 2)])
    func consumersGoOneByOneAndOnlyWhereTheyHaveTimeToSpare(utilisation: Double, left: Int) {
        let rule = ScaleRule(minimum: 0, maximum: 6, queue: "q", backlogPerInstance: 1_000, consumerUtilisation: 0.5, coolDown: .zero)
        var machine = Machine(.service("order", instances: 3, scale: rule))
        for number in 1...3 { machine.comesUp("order", number) }
        for _ in 0..<2 {
            machine.send(.measured(.init(readyMessages: ["q": 0], consumerUtilisation: ["q": utilisation])), after: rule.downAfter)
        }
        #expect(machine.state.services[0].desired == left)
    }

    @Test func whatIsOffByLittleChangesNothing() {
        let rule = ScaleRule(minimum: 1, maximum: 6, queue: "q", backlogPerInstance: 100, tolerance: 0.1)
        var machine = Machine(.service("order", instances: 2, scale: rule))
        machine.send(.measured(.init(readyMessages: ["q": 215])))
        #expect(machine.state.services[0].desired == 2)
    }

    @Test func moreHasToBeWantedForAWhileAndChangesAreApart() {
        let rule = ScaleRule(minimum: 0, maximum: 6, queue: "q", backlogPerInstance: 1, upAfter: .seconds(4), coolDown: .seconds(20))
        var machine = Machine(.service("order", instances: 0, scale: rule))
        machine.send(.measured(.init(readyMessages: ["q": 3])))
        machine.send(.measured(.init(readyMessages: ["q": 5])), after: .seconds(2))
        #expect(machine.spawns.isEmpty)
        machine.send(.measured(.init(readyMessages: ["q": 5])), after: .seconds(2))
        #expect(machine.spawns.count == 3)
        machine.send(.measured(.init(readyMessages: ["q": 6])), after: .seconds(10))
        #expect(machine.spawns.isEmpty)
        machine.send(.measured(.init(readyMessages: ["q": 6])), after: .seconds(10))
        #expect(machine.spawns.count == 3)
    }
}
