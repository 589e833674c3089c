import Testing
import Topology

@testable import BrokerTopology

struct BrokerPlanTests {
    private let declared = BrokerDeclaration(topology: sample(), users: passwords)

    private func plan(_ edit: (inout BrokerState) -> Void) -> BrokerPlan {
        var actual = state(of: declared)
        edit(&actual)
        return .plan(declared, actual)
    }

    @Test func whatIsAsDeclaredNeedsNothing() {
        #expect(plan { _ in } == BrokerPlan())
    }

    @Test func anEmptyBrokerNeedsEverythingInOrder() {
        let plan = BrokerPlan.plan(declared, BrokerState(administrator: "administrator"))
        #expect(plan.refused.isEmpty)
        #expect(plan.steps.first == .createVirtualHost("shop"))
        let isBefore = { (first: (BrokerStep) -> Bool, second: (BrokerStep) -> Bool) -> Bool in
            (plan.steps.lastIndex(where: first) ?? .max) < (plan.steps.firstIndex(where: second) ?? .min)
        }
        let isPolicy = { (step: BrokerStep) in if case .setPolicy = step { true } else { false } }
        let isQueue = { (step: BrokerStep) in if case .declareQueue = step { true } else { false } }
        let isBinding = { (step: BrokerStep) in if case .bind = step { true } else { false } }
        #expect(isBefore(isPolicy, isQueue) && isBefore(isQueue, isBinding))
        #expect(
            plan.steps.count == 1 + 4 + 5 + declared.policies.count + declared.exchanges.count + declared.queues.count
                + declared.bindings.count)
    }

    @Test func aRestartedBrokerIsGivenBackWhatIsNotDurableAndNothingElse() throws {
        let transient = try #require(declared.queues.first { !$0.durable })
        let durable = try #require(declared.queues.first { $0.durable })
        let plan = plan { actual in
            actual.queues.removeAll { [transient.name, durable.name].contains($0.name) }
            actual.bindings = actual.bindings.filter { ![transient.name, durable.name].contains($0.destination) }
        }
        let bindings = declared.bindings.filter { $0.queue == transient.name }.map { BrokerStep.bind(BrokerBinding($0)) }
        #expect(!bindings.isEmpty)
        #expect(plan.returnOfTransient.steps == [.declareQueue(transient)] + bindings)
    }

    @Test func onlyWhatDiffersIsDone() {
        #expect(plan { $0.queues.removeLast() }.steps == [.declareQueue(declared.queues[6])])
        #expect(plan { $0.exchanges.remove(at: 1) }.steps == [.declareExchange(declared.exchanges[1])])
        #expect(plan { $0.topicRestricted = ["order", "else"] }.steps == [.clearTopicPermissions(user: "order")])
        #expect(plan { $0.bindings.remove(BrokerBinding(declared.bindings[0])) }.steps == [.bind(BrokerBinding(declared.bindings[0]))])
        #expect(plan { $0.policies[0].definition["max-length"] = .integer(5) }.steps == [.setPolicy(declared.policies[0])])
        #expect(plan { $0.policies[0].priority = 0 }.steps == [.setPolicy(declared.policies[0])])
        #expect(plan { $0.users[1].tags = ["administrator"] }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.users[1].passwordHash = PasswordHash.make("other", salt: [0, 0, 0, 0]) }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.users[1].hashingAlgorithm = "rabbit_password_hashing_md5" }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.permissions[1].write = ".*" }.steps == [.setPermission(declared.permissions[1])])
    }

    @Test func whatRabbitMQRefusesIsMigrated() {
        let reasons = { (edit: (inout BrokerState) -> Void) -> String in
            let plan = plan(edit)
            #expect(plan.steps.isEmpty && plan.refused.isEmpty && !plan.isEmpty)
            return (plan.queueMigrations.flatMap(\.differences) + plan.exchangeMigrations.flatMap(\.differences)).joined()
        }
        #expect(
            reasons { $0.queues[0].kind = "classic" } == "queue payment.orders: its type is classic in the broker and quorum in the file")
        #expect(reasons { $0.queues[4].durable = true }.contains("durable is true in the broker and false"))
        #expect(reasons { $0.queues[0].arguments = [:] }.contains("single_active_consumer is false in the broker and true"))
        #expect(reasons { $0.queues[0].arguments["x-max-length"] = .integer(1) }.contains("x-max-length"))
        #expect(reasons { $0.queues[0].autoDelete = true }.contains("auto-delete"))
        #expect(
            reasons { $0.exchanges[0].kind = "direct" } == "exchange shop.events: its type is direct in the broker and topic in the file")
        #expect(reasons { $0.exchanges[0].peculiarities = ["alternate-exchange"] }.contains("declared with alternate-exchange"))
    }

    @Test func whatIsMigratedHasNoOtherSteps() {
        let plan = plan {
            $0.queues[0].kind = "classic"
            $0.bindings.remove(BrokerBinding(declared.bindings[0]))
            $0.policies.removeAll { $0.name == "signalbox.payment.orders" }
        }
        #expect(plan.steps.isEmpty && plan.queueMigrations.map(\.queue.name) == ["payment.orders"])
    }

    /// While services publish, a message must not go to the queues that happen to be bound already.
    @Test func anExchangeThatIsMissingAmongQueuesIsBoundAtOnce() {
        let plan = plan { state in
            state.exchanges.removeFirst()
            state.bindings = state.bindings.filter { $0.source != "shop.events" }
        }
        #expect(plan.steps.isEmpty && plan.exchangeMigrations.map(\.exchange.name) == ["shop.events"])
    }

    @Test func whatOnlyAPersonCanMendIsRefused() {
        #expect(plan { $0.queues[0].exclusive = true }.refused.map(\.subject) == ["queue payment.orders"])
        let exchange = plan {
            $0.exchanges[0].kind = "direct"
            $0.bindings.insert(.init(source: "shop.events", destination: "theirs", key: "k", arguments: ["list": .other]))
        }
        #expect(exchange.refused.map(\.subject) == ["exchange shop.events"] && exchange.exchangeMigrations.isEmpty)
    }

    @Test func aPolicyThatSaysNothingAnyMoreIsDeleted() {
        let plan = plan {
            $0.policies.append(
                .init(name: "signalbox.FileBrowser", pattern: "^FileBrowser$", appliesTo: "queues", priority: 10, definition: [:]))
            $0.policies.append(.init(name: "operator", pattern: ".*", appliesTo: "all", priority: 0, definition: [:]))
        }
        #expect(plan.steps == [.deletePolicy("signalbox.FileBrowser")])
    }

    @Test func whatIsNotDeclaredIsToldAndLeftAlone() {
        let edit = { (state: inout BrokerState) in
            state.queues.append(.init(name: "theirs", kind: "classic", durable: true, messages: 2))
            state.queues.append(.init(name: "signalbox.reply.1", kind: "classic", durable: false, exclusive: true))
            state.queues.append(.init(name: "client.own", kind: "classic", durable: false, exclusive: true))
            state.exchanges.append(.init(name: "amq.topic", kind: "topic", durable: true))
            state.exchanges.append(.init(name: "old", kind: "topic", durable: true))
            state.bindings.insert(.init(source: "shop.events", destination: "client.own", key: "a"))
            state.bindings.insert(.init(source: "old", destination: "payment.orders", key: "b"))
            state.bindings.insert(.init(source: "shop.events", destination: "theirs", key: "c"))
            state.policies.append(.init(name: "all", pattern: ".*", appliesTo: "all", priority: 20, definition: [:]))
            state.permissions.append(.init(user: "somebody", configure: ".*", write: ".*", read: ".*"))
        }
        let plan = plan(edit)
        #expect(plan.isEmpty)
        #expect(
            plan.undeclared.map(\.description) == [
                "exchange old", "queue theirs, in which 2 messages lie", "binding of payment.orders to old by \"b\"",
                "binding of theirs to shop.events by \"c\"",
                "policy all for .*, which may displace those of the file by its priority 20", "rights of the user somebody",
            ])
        var actual = state(of: declared)
        edit(&actual)
        #expect(
            BrokerPlan.plan(declared, actual, prunes: true).steps.map(\.description) == [
                "delete the exchange old", "delete the queue theirs with 2 messages in it", "unbind payment.orders from old by \"b\"",
                "unbind theirs from shop.events by \"c\"", "delete the policy all", "take the user somebody's rights in this virtual host",
            ])
    }

    @Test func aBindingThatIsTakenOutOfTheFileIsTakenOff() {
        let stale = BrokerBinding(source: "shop.events", destination: "payment.orders", key: "old.event")
        let plan = plan { $0.bindings.insert(stale) }
        #expect(plan.steps == [.unbind(stale)] && plan.undeclared.isEmpty)
        #expect(plan.differences == [#"payment.orders is bound to shop.events by "old.event", which the file does not say"#])
    }

    @Test func aQueueWithoutALeaderIsDeclaredAnewOnlyWhereNothingWasInIt() {
        var actual = state(of: declared)
        for index in actual.queues.indices { actual.queues[index].isAlive = false }
        actual.bindings.remove(BrokerBinding(declared.bindings[0]))
        let names = Set(actual.queues.filter { $0.kind == "quorum" }.map(\.name))
        #expect(declared.leaderless(names, in: actual) == ["payment.orders"])
        #expect(declared.unbound(in: actual) == ["payment.orders"])
        let plan = BrokerPlan.plan(declared, actual, renewing: ["payment.orders"])
        #expect(
            plan.steps == [
                .deleteQueue("payment.orders", messages: 0), .declareQueue(declared.queues[0]), .bind(BrokerBinding(declared.bindings[0])),
            ])
    }

    @Test func stepsNeverTellAPassword() {
        let steps = BrokerPlan.plan(BrokerDeclaration(topology: sample(), users: ["order": "geheim"]), BrokerState(administrator: "a"))
            .steps
        #expect(!steps.map(\.description).joined().contains("geheim"))
    }
}
