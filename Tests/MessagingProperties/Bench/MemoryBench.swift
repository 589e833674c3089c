import AMQP
import ServiceTestKit

struct MemoryBench: Bench {
    let broker = TestBroker()

    func declare(_ exchange: TestExchange) { broker.declare(exchange) }
    func declare(_ queue: TestQueue) { broker.declare(queue) }
    func bind(_ binding: TestBinding) { broker.bind(binding) }

    func publisher() -> Client<any MessagePublishing> {
        let link = broker.publisher()
        return Client(link: link, cut: { link.cutConnection() }, restore: { link.restoreConnection() })
    }

    func consumer() -> Client<any MessageConsuming> {
        let link = broker.consumer()
        return Client(link: link, cut: { link.cutConnection() }, restore: { link.restoreConnection() })
    }

    func requester() -> Client<any MessageRequesting> {
        let link = broker.requester()
        return Client(link: link, cut: { link.cutConnection() }, restore: { link.restoreConnection() })
    }

    func inspect(_ queue: String) -> (messages: Int, consumers: Int) {
        (broker.messages(in: queue).count, broker.consumerCount(of: queue))
    }

    func pass(_ time: Duration) async { await broker.clock.advance(by: time) }

    func close() {}
}
