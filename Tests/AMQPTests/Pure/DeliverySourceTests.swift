import Testing

@testable import AMQP

/// What a stand-in for the consumer does.
struct DeliverySourceTests {
    private func delivery(_ key: String) -> AMQPDelivery {
        AMQPDelivery(message: AMQPMessage(), exchange: "", routingKey: key, queue: "q", isRedelivered: false, settle: { _ in })
    }

    @Test func deliversInOrderAndTakesBackWhatNobodyTook() async {
        let (deliveries, source) = AMQPDeliveries.makeStream(queue: "q", id: 7)
        #expect(deliveries.id == 7)
        #expect(deliveries.takeAvailable() == nil)
        for key in ["a", "b", "c", "d"] { source.deliver(delivery(key)) }
        #expect(deliveries.takeAvailable()?.routingKey == "a")
        var iterator = deliveries.makeAsyncIterator()
        #expect(await iterator.next()?.routingKey == "b")
        #expect(source.removeAll().map(\.routingKey) == ["c", "d"])
        source.deliver(delivery("e"))
        #expect(source.finish().map(\.routingKey) == ["e"])
        #expect(await iterator.next() == nil)
        source.deliver(delivery("f"))
        #expect(deliveries.takeAvailable() == nil)
    }
}
