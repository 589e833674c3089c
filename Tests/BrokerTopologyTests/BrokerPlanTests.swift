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

    @Test func onlyWhatDiffersIsDone() {
        #expect(plan { $0.queues.removeLast() }.steps == [.declareQueue(declared.queues[6])])
        #expect(plan { $0.exchanges.removeFirst() }.steps == [.declareExchange(declared.exchanges[0])])
        #expect(plan { $0.bindings.remove(declared.bindings[0]) }.steps == [.bind(declared.bindings[0])])
        #expect(plan { $0.policies[0].definition["max-length"] = .integer(5) }.steps == [.setPolicy(declared.policies[0])])
        #expect(plan { $0.policies[0].priority = 0 }.steps == [.setPolicy(declared.policies[0])])
        #expect(plan { $0.users[1].tags = ["administrator"] }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.users[1].passwordHash = PasswordHash.make("other", salt: [0, 0, 0, 0]) }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.users[1].hashingAlgorithm = "rabbit_password_hashing_md5" }.steps == [.putUser(declared.users[1])])
        #expect(plan { $0.permissions[1].write = ".*" }.steps == [.setPermission(declared.permissions[1])])
    }

    @Test func whatRabbitMQRefusesIsRefused() {
        let refused = { (edit: (inout BrokerState) -> Void) in plan(edit).refused }
        #expect(refused { $0.queues[0].kind = "classic" }.map(\.subject) == ["queue payment.orders"])
        #expect(refused { $0.queues[0].kind = "classic" }[0].message.contains("its type is classic in the broker and quorum in the file"))
        #expect(refused { $0.queues[4].durable = true }[0].message.contains("durable is true in the broker and false"))
        #expect(refused { $0.queues[0].arguments = [:] }[0].message.contains("single_active_consumer is false in the broker and true"))
        #expect(refused { $0.queues[0].arguments["x-max-length"] = .integer(1) }[0].message.contains("x-max-length"))
        #expect(refused { $0.queues[0].autoDelete = true }[0].message.contains("auto-delete"))
        #expect(refused { $0.exchanges[0].kind = "direct" }.map(\.subject) == ["exchange shop.events"])
        #expect(plan { $0.exchanges[0].kind = "direct" }.steps.isEmpty)
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
        let plan = plan {
            $0.queues.append(.init(name: "theirs", kind: "classic", durable: true))
            $0.queues.append(.init(name: "signalbox.reply.1", kind: "classic", durable: false, exclusive: true))
            $0.exchanges.append(.init(name: "amq.topic", kind: "topic", durable: true))
            $0.bindings.insert(.init(exchange: "shop.events", queue: "payment.orders", key: "old.event"))
            $0.bindings.insert(.init(exchange: "", queue: "payment.orders", key: "payment.orders"))
        }
        #expect(plan.isEmpty)
        #expect(plan.undeclared == ["queue theirs", "binding of payment.orders to shop.events by \"old.event\""])
    }

    @Test func stepsNeverTellAPassword() {
        let steps = BrokerPlan.plan(BrokerDeclaration(topology: sample(), users: ["order": "geheim"]), BrokerState(administrator: "a"))
            .steps
        #expect(!steps.map(\.description).joined().contains("geheim"))
    }
}
