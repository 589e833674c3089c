import Topology

/// Brings a queue to another type, durability or set of arguments under its name, while services publish to it and consume it.
///
/// A stand-in queue (classic, because only those refuse publishes exactly) is bound in the old one's place; the old one is read empty by its
/// consumers, deleted and declared anew; what the stand-in has taken comes over in its order; then the new queue is bound in the stand-in's
/// place. While bindings change hands, the stand-in is sealed: it refuses every message, so that a publisher that waits for its confirm
/// sends again a moment later, and no message gets by on one binding while an earlier one of its key still waits at another.
///
/// Requests over the bus are never in two queues at a time: their binding is taken off the one before the other gets it.
///
/// Pure: what comes next is computed from the broker's state and from what was observed of it, so that whoever goes on after a crash goes
/// on from there.
package struct QueueMigration: Sendable, Equatable {
    /// What the shell sees over time. A new observer begins with nothing seen, which costs time only.
    package struct Observations: Sendable, Equatable {
        /// The old queue had neither messages nor bindings for so long that the broker's counts are not older than that.
        package var isOriginalDrained = false
        /// The sealed stand-in was found empty.
        package var isStandInEmpty = false
        /// Hardly anything is left in the stand-in, or it has been moved from for long enough.
        package var isStandInNearlyEmpty = false

        package init() {}
    }

    package var queue: BrokerDeclaration.DeclaredQueue
    package var bindings: [BrokerDeclaration.DeclaredBinding]
    package var policy: BrokerDeclaration.DeclaredPolicy?
    /// All that are declared: between them and the queue only what is declared counts.
    package var exchanges: Set<String>
    /// What differs; nothing where the new queue is there already.
    package var reasons: [String]

    package var differences: [String] {
        reasons.isEmpty ? ["queue \(queue.name) is being migrated"] : reasons.map { "queue \(queue.name): \($0)" }
    }

    package var description: String {
        reasons.isEmpty
            ? "go on with the migration of the queue \(name)"
            : "migrate the queue \(name) while services run: \(reasons.joined(separator: ", "))"
    }

    private var name: String { queue.name }
    private var standIn: String { MigrationNames.queue(for: queue.name) }
    private var handOver: String { MigrationNames.handOver(for: queue.name) }

    /// Whether something of a migration is there.
    static func hasBegun(_ queue: String, _ state: BrokerState) -> Bool {
        let standIn = MigrationNames.queue(for: queue)
        return state.queue(standIn) != nil || state.exchange(MigrationNames.handOver(for: queue)) != nil
            || state.policy(BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn)) != nil
    }

    /// - Returns: nil when all is done.
    package func next(_ state: BrokerState, _ observed: Observations) -> MigrationStep? {
        if let original = state.queue(name), !reasons.isEmpty { return leave(original, state, observed) }
        guard state.queue(standIn) != nil else { return cleanUp(state) }
        if state.queue(name) == nil {
            if let step = setPolicy(BrokerDeclaration.DeclaredPolicy.name(ofQueue: name), name, definitionWhileMoving, state) {
                return step
            }
            return .declareQueue(queue)
        }
        return arrive(state, observed)
    }

    // MARK: Away from the old queue

    private func leave(
        _ original: BrokerState.ActualQueue, _ state: BrokerState, _ observed: Observations
    ) -> MigrationStep {
        guard state.queue(standIn) != nil else {
            if original.messages > 0, original.consumers == 0 {
                return .wait(
                    "\(BrokerStep.count(original.messages)) \(original.messages == 1 ? "lies" : "lie") in it and nobody consumes it; it is "
                        + "migrated once its consumer runs, or it is empty")
            }
            // The policy first, so that the stand-in is never there without it.
            return seal(state) ?? .declareStandIn(standIn)
        }
        let present = state.bindings(toQueue: name)
        let taken = state.bindings(toQueue: standIn)
        let wanted = wantedBindings(state).map { $0.to(standIn) }.sorted()
        if !present.isEmpty {
            if let step = seal(state) { return step }
            if let missing = wanted.first(where: { !taken.contains($0) && !isForRequests($0) }) { return .change(.bind(missing)) }
            if let bound = present.sorted().first { return .change(.unbind(bound)) }
        }
        if let missing = wanted.first(where: { !taken.contains($0) }) { return .change(.bind(missing)) }
        if let step = open(state) { return step }
        guard observed.isOriginalDrained else { return .wait(drainText(original)) }
        return .deleteEmptied(name)
    }

    private func drainText(_ original: BrokerState.ActualQueue) -> String {
        guard original.messages > 0 else { return "the old queue is empty; it is watched a little longer" }
        let rest = BrokerStep.count(original.messages)
        return original.consumers == 0
            ? "\(rest) left in the old queue, and nobody consumes it: start its consumer" : "\(rest) left in the old queue"
    }

    // MARK: To the new queue

    private func arrive(_ state: BrokerState, _ observed: Observations) -> MigrationStep {
        if state.exchange(handOver) == nil { return .declareHandOver(handOver) }
        let way = BrokerBinding(source: handOver, destination: name, key: "")
        if !state.bindings.contains(way) { return .change(.bind(way)) }
        let present = state.bindings(toQueue: name)
        let taken = state.bindings(toQueue: standIn)
        if !isSealed(state) {
            guard observed.isStandInNearlyEmpty else { return .move(from: standIn, through: handOver) }
            if let requests = taken.first(where: isForRequests) { return .change(.unbind(requests)) }
            if let requests = bindings.map({ BrokerBinding($0) }).first(where: { isForRequests($0) && !present.contains($0) }) {
                return .change(.bind(requests))
            }
            return seal(state) ?? .move(from: standIn, through: handOver)
        }
        guard observed.isStandInEmpty else { return .move(from: standIn, through: handOver) }
        if let missing = wantedBindings(state).sorted().first(where: { !present.contains($0) }) { return .change(.bind(missing)) }
        return .deleteIfEmpty(standIn)
    }

    private func cleanUp(_ state: BrokerState) -> MigrationStep? {
        if let policy, !state.has(policy) { return .change(.setPolicy(policy)) }
        let own = BrokerDeclaration.DeclaredPolicy.name(ofQueue: name)
        if policy == nil, state.policy(own) != nil { return .change(.deletePolicy(own)) }
        let old = BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn)
        if state.policy(old) != nil { return .change(.deletePolicy(old)) }
        return state.exchange(handOver) == nil ? nil : .change(.deleteExchange(handOver))
    }

    // MARK: Parts

    /// The declared ones, and undeclared ones of exchanges that are none of the topology's business: those are kept.
    private func wantedBindings(_ state: BrokerState) -> Set<BrokerBinding> {
        let present = state.bindings(toQueue: name).union(state.bindings(toQueue: standIn).map { $0.to(name) })
        let others = present.filter { $0.source != handOver && ($0.declared == nil || !exchanges.contains($0.source)) }
        return others.union(bindings.map { BrokerBinding($0) })
    }

    private func isForRequests(_ binding: BrokerBinding) -> Bool { binding.source == Queue.requestExchangeName }

    /// Without a length, over which the queue would refuse a message that is followed by others already.
    private var definitionWhileMoving: [String: JSONScalar] {
        var definition = policy?.definition ?? [:]
        definition["max-length"] = nil
        return definition
    }

    /// What expires in the stand-in goes where it would have gone.
    private var openDefinition: [String: JSONScalar] {
        var definition: [String: JSONScalar] = ["max-length-bytes": .integer(Self.standInBytes), "overflow": .string("reject-publish")]
        for key in ["dead-letter-exchange", "dead-letter-routing-key"] { definition[key] = policy?.definition[key] }
        return definition
    }

    /// A policy has to say something, and publishers are better held back than a disk filled.
    static let standInBytes = 64 << 30

    private var sealedDefinition: [String: JSONScalar] {
        var definition = openDefinition
        definition["max-length"] = .integer(0)
        return definition
    }

    func isSealed(_ state: BrokerState) -> Bool {
        state.policy(BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn))?.definition["max-length"] == .integer(0)
    }

    private func seal(_ state: BrokerState) -> MigrationStep? {
        setPolicy(BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn), standIn, sealedDefinition, state)
    }

    private func open(_ state: BrokerState) -> MigrationStep? {
        setPolicy(BrokerDeclaration.DeclaredPolicy.name(ofQueue: standIn), standIn, openDefinition, state)
    }

    private func setPolicy(
        _ policy: String, _ queue: String, _ definition: [String: JSONScalar], _ state: BrokerState
    ) -> MigrationStep? {
        guard state.policy(policy)?.definition ?? [:] != definition else { return nil }
        guard !definition.isEmpty else { return .change(.deletePolicy(policy)) }
        return .setPolicy(name: policy, queue: queue, definition: definition)
    }
}
