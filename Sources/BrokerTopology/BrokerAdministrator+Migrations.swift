import Topology

extension BrokerAdministrator {
    /// Steps of one migration: there are a few for each binding.
    static let maximumSteps = 10_000

    /// All of an exchange's migration, in a moment.
    func carryOut(_ planned: ExchangeMigration) async throws(BrokerError) {
        for _ in 0..<Self.maximumSteps {
            guard try await advance(planned) else { return }
        }
        throw BrokerError(.refused, "the exchange \(planned.exchange.name) does not become what the file says")
    }

    /// One step of an exchange's migration.
    /// - Returns: false when there is nothing left to do.
    package func advance(_ planned: ExchangeMigration) async throws(BrokerError) -> Bool {
        let state = try await read()
        let migration = planned.current(state)
        if let step = migration.next(state) {
            try await perform(step, state)
            return true
        }
        let orphans = migration.orphans(state)
        if let step = migration.last(state) {
            if !orphans.isEmpty { try await perform(.reconnectOwners(of: orphans), state) }
            try await perform(step, state)
            return true
        }
        return false
    }

    func perform(_ step: MigrationStep, _ state: BrokerState) async throws(BrokerError) {
        let api = try api
        switch step {
        case .change(let change): try await perform(change, state.propertiesKeys)
        case .declareQueue(let queue):
            try await perform(BrokerStep.declareQueue(queue))
            if queue.kind == .quorum { await settling.wait([queue.name]) }
        case .deleteEmptied(let name):
            // A quorum queue cannot be deleted on the condition that it is empty.
            let isConditional = state.queue(name)?.kind == "classic"
            try await api.delete(ManagementAPI.path("queues", virtualHost, name) + (isConditional ? "?if-empty=true" : ""))
        case .deleteIfEmpty(let name): try await api.delete(ManagementAPI.path("queues", virtualHost, name) + "?if-empty=true")
        case .setPolicy(let name, let queue, let definition):
            try await BrokerStepRunner(api: api, virtualHost: virtualHost)
                .setPolicy(name, pattern: BrokerDeclaration.DeclaredPolicy.pattern(ofQueue: queue), definition)
        case .declareStandIn(let name):
            // Single active consumer: of two movers, one of which does not know yet that it is the old one, one takes.
            try await api.put(
                ManagementAPI.path("queues", virtualHost, name),
                StandIn(durable: true, arguments: ["x-single-active-consumer": .boolean(true)]))
        case .declareHandOver(let name):
            try await perform(BrokerStep.declareExchange(.init(name: name, kind: .fanout, durable: true)))
        case .reconnectOwners(let queues): try await closeConnections(owning: Set(queues))
        case .move, .wait: break
        }
    }

    /// Whether nothing is ready in a queue that nobody consumes: exactly, not by a statistic.
    func isEmpty(_ queue: String) async throws(BrokerError) -> Bool {
        let found = try await api.post(
            ManagementAPI.path("queues", virtualHost, queue, "get"), Look(), as: [Looked].self)
        return found.isEmpty
    }

    private struct StandIn: Encodable {
        var durable: Bool
        var auto_delete = false
        var arguments: [String: JSONScalar]
    }

    private struct Look: Encodable {
        var count = 1
        var ackmode = "ack_requeue_true"
        var encoding = "base64"
        var truncate = 1
    }

    private struct Looked: Decodable {}

    private func closeConnections(owning queues: Set<String>) async throws(BrokerError) {
        let owners = try await api.get(
            ManagementAPI.path("queues", virtualHost) + "?columns=name,owner_pid_details", as: [ManagementAnswers.Owner].self)
        for connection in Set(owners.filter { queues.contains($0.name) }.compactMap { $0.owner_pid_details?.name }) {
            try await api.delete(ManagementAPI.path("connections", connection))
        }
    }
}

extension ExchangeMigration {
    /// The same against what is there now.
    func current(_ state: BrokerState) -> ExchangeMigration {
        var copy = self
        copy.reasons = state.exchange(exchange.name).map { BrokerPlan.differences(exchange, $0) } ?? []
        return copy
    }
}
