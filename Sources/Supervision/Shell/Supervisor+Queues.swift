import BrokerTopology
import Topology

extension Supervisor {
    package func queues() async throws(SupervisorError) -> [QueueStatus] {
        let (topology, broker) = try await readyBroker()
        let depths: [String: QueueDepth]
        do { depths = try await broker.queueDepths() } catch { throw brokerError(error) }
        return topology.queues.map { queue in
            let own = depths[queue.name]
            // Held so that they can be listed.
            let dead = depths[queue.deadLetterQueueName].map { $0.ready + $0.unacknowledged } ?? 0
            let retrying = (queue.retry?.delays ?? []).indices.reduce(0) { sum, rung in
                let depth = depths[queue.retryQueueName(rung: rung)]
                return sum + (depth?.ready ?? 0) + (depth?.unacknowledged ?? 0)
            }
            return QueueStatus(
                name: queue.name, consumer: queue.consumer, ready: own?.ready ?? 0, unacknowledged: own?.unacknowledged ?? 0,
                consumers: own?.consumers ?? 0, retrying: retrying, dead: dead)
        }
    }

    func readyBroker() async throws(SupervisorError) -> (Topology, BrokerAdministrator) {
        if let topology = supervised?.topology, topology.broker == nil {
            throw SupervisorError(.unknownService, "there is no broker in this topology, so it has no queues")
        }
        guard let broker = clients?.broker, let topology = supervised?.topology, let state = reducer.service(named: "broker"),
            state.readyCount > 0
        else {
            throw SupervisorError(.notReady, "the broker is not ready; try again once `signalbox status` shows it as ready")
        }
        return (topology, broker)
    }

    func brokerError(_ error: any Error) -> SupervisorError {
        SupervisorError(.broker, "the broker did not do what was asked: \(error)", underlying: error)
    }
}
