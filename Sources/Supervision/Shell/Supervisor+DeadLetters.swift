import BrokerTopology
import Topology

extension Supervisor {
    /// - Parameter queue: the queue the messages came from; nil: all.
    package func deadLetters(queue: String?, limit: Int) async throws(SupervisorError) -> [DeadLetterStatus] {
        let (topology, broker) = try await readyBroker()
        let queues =
            try queue.map { name throws(SupervisorError) in [try deadLetterQueue(name, in: topology)] } ?? topology.queues.filter(\.durable)
        var letters: [DeadLetterStatus] = []
        for queue in queues where letters.count < limit {
            let found: [DeadLetter]
            do {
                found = try await broker.peekDeadLetters(queue: queue.deadLetterQueueName, limit: limit - letters.count)
            } catch {
                throw brokerError(error)
            }
            letters += found.map { DeadLetterStatus($0, queue: queue.name) }
        }
        return letters
    }

    /// Sends dead letters back to the queue they came from.
    /// - Returns: how many.
    package func replay(queue: String, limit: Int) async throws(SupervisorError) -> Int {
        let (topology, _) = try await readyBroker()
        let origin = try deadLetterQueue(queue, in: topology)
        guard let address = supervised?.servers.broker?.address else { return 0 }
        do {
            return try await DeadLetterReplayer(url: address.url, logger: logger)
                .replay(from: origin.deadLetterQueueName, to: origin.name, limit: limit)
        } catch {
            throw brokerError(error)
        }
    }

    /// By its own name or its dead-letter queue's.
    private func deadLetterQueue(_ name: String, in topology: Topology) throws(SupervisorError) -> Queue {
        guard let queue = topology.queues.first(where: { $0.name == name || $0.deadLetterQueueName == name }) else {
            throw SupervisorError(.unknownQueue, "there is no queue \"\(name)\" in the topology")
        }
        guard queue.durable else {
            throw SupervisorError(.unknownQueue, "\(name) is not durable, and so has no dead-letter queue")
        }
        return queue
    }
}

extension JSONScalar {
    fileprivate var text: String {
        if case .string(let text) = self { text } else { description }
    }
}

extension DeadLetterStatus {
    fileprivate init(_ letter: DeadLetter, queue: String) {
        self.init(
            queue: queue, messageID: letter.messageID, type: letter.type, attempts: letter.attempts, cause: letter.cause,
            firstFailedAt: letter.firstFailedAt, headers: letter.headers.mapValues(\.text), body: letter.payload)
    }
}
