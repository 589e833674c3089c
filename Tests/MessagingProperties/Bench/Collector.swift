import AMQP
import Synchronization
import Testing
import TestSupport

/// Takes every delivery of a subscription at once and keeps it unsettled.
final class Collector: Sendable {
    let client: Client<any MessageConsuming>
    let deliveries: AMQPDeliveries
    private let taken = Mutex<[AMQPDelivery]>([])
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ deliveries: AMQPDeliveries, of client: Client<any MessageConsuming>) {
        self.client = client
        self.deliveries = deliveries
        // It ends with the sequence.
        let task = Task { [weak self] in
            for await delivery in deliveries { self?.taken.withLock { $0.append(delivery) } }
        }
        self.task.withLock { $0 = task }
    }

    /// All so far, also what was settled.
    var all: [AMQPDelivery] { taken.withLock { $0 } }
    var texts: [String] { all.map(\.message.text) }

    /// The first so many, which are expected to come soon.
    func first(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [AMQPDelivery] {
        do {
            try await eventually(within: .seconds(20)) { all.count >= count }
        } catch {
            Issue.record("\(texts) came of \(count) deliveries of \(deliveries.queue)", sourceLocation: sourceLocation)
            throw error
        }
        return Array(all.prefix(count))
    }

    /// Gives everything back.
    func release() async {
        await client.link.release(deliveries)
    }
}
