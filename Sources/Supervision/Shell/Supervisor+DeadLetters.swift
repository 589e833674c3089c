package import DeadLetters
import Logging
import Topology

extension Supervisor {
    /// So often it is looked whether the broker is another one, or its queues are.
    private static let deadLetterInterval = Duration.seconds(1)

    /// What can be done with dead letters.
    package func deadLetters() throws(SupervisorError) -> any DeadLetterControl {
        if let topology = supervised?.topology, topology.broker == nil {
            throw SupervisorError(.unknownService, "there is no broker in this topology, so it has no queues and no dead letters")
        }
        return deadLetterService
    }

    /// Has the dead letters of what is applied held, from when the broker is ready for the first time.
    func followDeadLetters() async {
        var told: String?
        var hasBegun = false
        while !Task.isCancelled {
            hasBegun = hasBegun || reducer.service(named: "broker")?.readyCount ?? 0 > 0
            if hasBegun {
                do throws(DeadLetterError) {
                    try await deadLetterService.update(deadLetterPlace) { [weak self] queue in
                        await self?.isMigrating(queue) == true ? "the queue is being migrated" : nil
                    }
                    told = nil
                } catch {
                    if told != error.message { logger.error("dead letters cannot be listed: \(error.message)") }
                    told = error.message
                }
            }
            do { try await Task.sleep(for: Self.deadLetterInterval) } catch { return }
        }
    }

    private var deadLetterPlace: DeadLetterService.Place? {
        guard let supervised, let broker = supervised.servers.broker else { return nil }
        let queues = supervised.topology.queues.filter(\.durable).map { ($0.name, $0.deadLetterQueueName) }
        return DeadLetterService.Place(url: broker.address.url, queues: Dictionary(queues) { first, _ in first })
    }
}
