@testable import BrokerTopology
import Topology

/// A broker in memory in which one queue is migrated while two publishers, each with its key, wait for each confirm before they send on,
/// and a consumer takes and acknowledges at random moments.
struct MigratedQueueWorld {
    struct Message: Equatable {
        var key: Int
        var number: Int
    }

    var state = BrokerState(administrator: "a")
    var declared: BrokerDeclaration
    var trace: [String] = []
    var lost: [Message] = []
    var reordered: [Message] = []

    private var random: SmallGenerator
    private var contents: [String: [Message]] = [:]
    private var held: [Message] = []
    private var next = [1, 1]
    private var confirmed: [Message] = []
    private var seen: [Int: Int] = [:]
    private var handled: Set<String> = []
    private var observed = QueueMigration.Observations()
    private let standIn = MigrationNames.queue(for: "q")
    private let exchange = "x"

    init(seed: UInt64, isRequested: Bool = false) {
        random = SmallGenerator(seed: seed)
        var topology = Topology(
            name: "v", services: [Service(name: "s", command: ["x"])], exchanges: [Exchange(name: "x")],
            queues: [
                Queue(
                    name: "q", bindings: [Binding(exchange: "x", key: "k0"), Binding(exchange: "x", key: "k1")], consumer: "s",
                    maximumLength: 10, singleActiveConsumer: true)
            ])
        if isRequested { topology.routes = [Route(path: "/q", target: .queue("q", replyMode: .exclusive))] }
        var old = topology
        old.queues[0].kind = random.next(2) == 0 ? .classic : .quorum
        old.queues[0].singleActiveConsumer = false
        state = BrokerTopologyTests.state(of: BrokerDeclaration(topology: old, users: [:]))
        state.administrator = "a"
        state.permissions = [.init(user: "a", configure: ".*", write: ".*", read: ".*")]
        state.policies = []
        declared = BrokerDeclaration(topology: topology, users: [:])
        for policy in declared.policies {
            state.policies.append(
                .init(name: policy.name, pattern: policy.pattern, appliesTo: "queues", priority: 10, definition: policy.definition))
        }
        for index in state.queues.indices where state.queues[index].name == "q" { state.queues[index].consumers = 1 }
    }

    var migration: QueueMigration? { BrokerPlan.plan(declared, state).queueMigrations.first { $0.queue.name == "q" } }

    var isAsDeclared: Bool { BrokerPlan.plan(declared, state).isEmpty && !state.queues.contains { $0.name == standIn } }

    mutating func run(check: (MigratedQueueWorld) -> Void = { _ in }) throws {
        var steps = 0
        while let migration, steps < 2000 {
            steps += 1
            for _ in 0..<random.next(4) { happen() }
            count()
            // A new one knows nothing of what its predecessor saw.
            if random.next(5) == 0 { observed = .init() }
            let name = BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn)
            let isSealed = state.policy(name)?.definition["max-length"] == .integer(0)
            if !isSealed { observed.isStandInEmpty = false }
            observed.isOriginalDrained =
                contents["q", default: []].isEmpty && held.isEmpty && state.bindings(toQueue: "q").isEmpty && random.next(2) == 0
            guard let step = migration.next(state, observed) else { break }
            trace.append("\(step)")
            perform(step)
            check(self)
        }
        for _ in 0..<400 { happen() }
        while !contents["q", default: []].isEmpty || !held.isEmpty { consume() }
        lost = confirmed.filter { !handled.contains("\($0.key).\($0.number)") }
    }

    private mutating func happen() {
        switch random.next(3) {
        case 0: publish(key: random.next(2))
        default: consume()
        }
    }

    private mutating func count() {
        for index in state.queues.indices {
            let name = state.queues[index].name
            state.queues[index].messages = contents[name, default: []].count + (name == "q" ? held.count : 0)
            state.queues[index].consumers = name == "q" ? 1 : 0
        }
    }

    /// As the outbox does: the next of a key only once the one before it is confirmed. Both keys share the numbers' order.
    private mutating func publish(key: Int) {
        // An order's events have different types, and so different routing keys: consecutive numbers go by different bindings.
        let number = next[key]
        let message = Message(key: key, number: number)
        let routing = "k\(number % 2)"
        let targets = state.bindings.filter { $0.source == exchange && $0.key == routing && !$0.isToExchange }.map(\.destination)
        var isConfirmed = !targets.isEmpty
        for target in Set(targets) where state.queue(target) != nil {
            let policy = BrokerDeclaration.DeclaredPolicy.name(ofQueue: target)
            let limit = state.policy(policy)?.definition["max-length"]
            if case .integer(let limit)? = limit, contents[target, default: []].count >= limit {
                isConfirmed = false
            } else {
                contents[target, default: []].append(message)
            }
        }
        trace.append("publish \(message) to \(targets): \(isConfirmed)")
        guard isConfirmed else { return }
        confirmed.append(message)
        next[key] += 1
    }

    private mutating func consume() {
        if !held.isEmpty, random.next(2) == 0 {
            let message = held.removeFirst()
            handled.insert("\(message.key).\(message.number)")
            return
        }
        guard state.queue("q") != nil, !contents["q", default: []].isEmpty, let message = contents["q"]?.removeFirst() else { return }
        trace.append("deliver \(message)")
        if message.number > seen[message.key, default: 0] + 1 { reordered.append(message) }
        seen[message.key] = max(seen[message.key, default: 0], message.number)
        held.append(message)
    }

    private mutating func perform(_ step: MigrationStep) {
        switch step {
        case .change(.bind(let binding)): state.bindings.insert(binding)
        case .change(.unbind(let binding)): state.bindings.remove(binding)
        case .change(.deleteExchange(let name)):
            state.exchanges.removeAll { $0.name == name }
            state.bindings = state.bindings.filter { $0.source != name }
        case .change(.deletePolicy(let name)): state.policies.removeAll { $0.name == name }
        case .change(.setPolicy(let policy)): set(policy.name, policy.pattern, policy.definition)
        case .change: break
        case .declareQueue(let queue):
            state.queues.append(
                .init(
                    name: queue.name, kind: queue.kind.rawValue, durable: queue.durable,
                    arguments: queue.singleActiveConsumer ? ["x-single-active-consumer": .boolean(true)] : [:]))
        case .deleteEmptied(let name):
            remove(name)
            held = []
        case .deleteIfEmpty(let name):
            guard contents[name, default: []].isEmpty else { return observed = .init() }
            remove(name)
        case .setPolicy(let name, let queue, let definition):
            set(name, BrokerDeclaration.DeclaredPolicy.pattern(ofQueue: queue), definition)
        case .declareStandIn(let name): state.queues.append(.init(name: name, kind: "classic", durable: true))
        case .declareHandOver(let name): state.exchanges.append(.init(name: name, kind: "fanout", durable: true))
        case .move(let queue, _): move(queue)
        case .reconnectOwners, .wait: break
        }
    }

    /// Killed in its midst, it has published what it has not acknowledged.
    private mutating func move(_ queue: String) {
        for _ in 0..<random.next(6) {
            guard let first = contents[queue]?.first else { break }
            contents["q", default: []].append(first)
            if random.next(6) == 0 { return }
            contents[queue]?.removeFirst()
        }
        let rest = contents[queue, default: []].count
        if rest <= 2 { observed.isStandInNearlyEmpty = true }
        let policy = BrokerDeclaration.DeclaredPolicy.name(ofQueue: queue)
        observed.isStandInEmpty = rest == 0 && state.policy(policy)?.definition["max-length"] == .integer(0)
    }

    private mutating func set(_ name: String, _ pattern: String, _ definition: [String: JSONScalar]) {
        state.policies.removeAll { $0.name == name }
        state.policies.append(.init(name: name, pattern: pattern, appliesTo: "queues", priority: 10, definition: definition))
    }

    private mutating func remove(_ queue: String) {
        if let rest = contents[queue], !rest.isEmpty { trace.append("deleted with \(rest)") }
        state.queues.removeAll { $0.name == queue }
        state.bindings = state.bindings.filter { $0.destination != queue || $0.isToExchange }
        contents[queue] = []
    }
}

/// SplitMix64.
struct SmallGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
