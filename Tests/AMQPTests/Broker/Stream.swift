import Synchronization
import TestSupport

@testable import AMQP

/// Messages published without a pause, what was confirmed of them and what was received.
final class Stream: Sendable {
    private let confirmed = Mutex<Set<String>>([])
    private let received = Mutex<Set<String>>([])
    private let mislabelled = Mutex(0)

    var confirmedCount: Int { confirmed.withLock { $0.count } }
    var receivedCount: Int { received.withLock { $0.count } }
    /// Messages that came under another message id than they were published with.
    var mislabelledCount: Int { mislabelled.withLock { $0 } }
    var isComplete: Bool { confirmed.withLock { $0 }.isSubset(of: received.withLock { $0 }) }

    /// Until the task is cancelled.
    func publish(to queue: String, by publisher: AMQPPublisher, lanes: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask { try await self.publish(to: queue, by: publisher, lane: lane) }
            }
            try await group.waitForAll()
        }
    }

    private func publish(to queue: String, by publisher: AMQPPublisher, lane: Int) async throws {
        var number = 0
        while !Task.isCancelled {
            number += 1
            let text = "\(lane).\(number)"
            let code = await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage(text, id: text), to: "", routingKey: queue, deadline: .now + .seconds(120))
            }
            if code == .cancelled { return }
            guard code == nil else { throw TestSupportError("a publish failed: \(String(describing: code))") }
            confirmed.withLock { _ = $0.insert(text) }
        }
    }

    /// Until the sequence ends.
    func receive(_ deliveries: AMQPDeliveries) async {
        for await delivery in deliveries {
            let text = delivery.message.text
            // What is sent anew keeps its id.
            if delivery.message.properties.messageID != text { mislabelled.withLock { $0 += 1 } }
            received.withLock { _ = $0.insert(text) }
            await delivery.ack()
        }
    }
}
