import Testing
import TestSupport

@testable import AMQP

struct BatchPublishingTests {
    @Test func everyMessageHasItsOutcomeOnceAndKeepsItsPlace() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = await broker.publisher(window: 32)
            let outcomes = Outcomes()
            let batch = (0..<1000).map {
                AMQPPublication(AMQPMessage("\($0)"), exchange: "", routingKey: $0 % 100 == 50 ? "nowhere" : "q")
            }
            await publisher.publish(batch, deadline: soon, settled: outcomes.add)
            try await eventually { outcomes.all.count == batch.count }
            #expect(Set(outcomes.all.map(\.index)).count == batch.count)
            #expect(outcomes.all.allSatisfy { $0.error?.code == ($0.index % 100 == 50 ? .unroutable("NO_ROUTE") : nil) })
            let deliveries = try await broker.consumer().consume(queue: "q", prefetch: 200)
            for number in 0..<1000 where number % 100 != 50 {
                let delivery = try await deliveries.first()
                #expect(delivery.message.text == "\(number)")
                await delivery.ack()
            }
        }
    }

    @Test func theDeadlineAndTheEndAreOutcomesToo() async throws {
        let publisher = AMQPPublisher(
            configuration: try AMQPConfiguration(url: "amqp://a:b@127.0.0.1:\(freePort())", connectionName: "test"), logger: .quiet)
        let (late, closed) = (Outcomes(), Outcomes())
        let publication = AMQPPublication(AMQPMessage("x"), exchange: "", routingKey: "q")
        await publisher.publish([publication, publication], deadline: .now + .milliseconds(100), settled: late.add)
        await publisher.publish([publication], deadline: soon, settled: closed.add)
        try await eventually { late.all.count == 2 }
        #expect(late.all.allSatisfy { $0.error?.code == .notConnected })
        await publisher.close()
        #expect(closed.all.map(\.error?.code) == [.closed])
    }
}
