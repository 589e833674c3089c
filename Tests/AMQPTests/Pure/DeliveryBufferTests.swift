import Testing

@testable import AMQP

struct DeliveryBufferTests {
    private func element(_ number: Int) -> AMQPDelivery {
        var delivery = AMQPDelivery(
            message: AMQPMessage(), exchange: "", routingKey: "\(number)", queue: "q", isRedelivered: false, settle: { _ in })
        delivery.tag = .init(epoch: 1, tag: UInt64(number))
        return delivery
    }

    @Test func keepsTheOrder() async {
        let buffer = DeliveryBuffer()
        for number in 1...3 { buffer.append(element(number)) }
        #expect(await buffer.next()?.routingKey == "1")
        #expect(await buffer.next()?.routingKey == "2")
        #expect(buffer.finish().map(\.tag?.tag) == [3])
        #expect(await buffer.next() == nil)
    }

    @Test func forgetsWhatIsStale() async {
        let buffer = DeliveryBuffer()
        buffer.append(element(1))
        buffer.removeAll()
        buffer.append(element(2))
        #expect(await buffer.next()?.routingKey == "2")
    }

    @Test func wakesOneWaiterADelivery() async {
        let buffer = DeliveryBuffer()
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<4 { group.addTask { await buffer.next()?.routingKey } }
            for number in 1...3 { buffer.append(element(number)) }
            var taken: [String] = []
            for await key in group {
                if let key { taken.append(key) }
                if taken.count == 3 { _ = buffer.finish() }
            }
            #expect(taken.sorted() == ["1", "2", "3"])
        }
    }

    @Test func aCancelledTaskStopsWaiting() async {
        let buffer = DeliveryBuffer()
        let task = Task { await buffer.next() }
        task.cancel()
        #expect(await task.value == nil)
        buffer.append(element(1))
        #expect(await buffer.next()?.routingKey == "1")
    }
}
