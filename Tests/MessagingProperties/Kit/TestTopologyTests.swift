import Foundation
import ServiceKit
import ServiceTestKit
import Testing
import TestSupport

struct TestTopologyTests {
    private static let file = """
        name: shop
        broker: { managed: true }
        services:
          order: { command: shop order, depends_on: [broker], publishes: [shop.events], environment: { LOG_LEVEL: info } }
          stock: { command: shop stock, depends_on: [broker] }
        exchanges:
          shop.events: { type: topic }
        queues:
          stock.orders:
            bindings: [{ exchange: shop.events, key: order.* }]
            consumer: stock
            prefetch: 7
            single_active_consumer: true
            retry: { immediate: 1, delays: [1s, 2m] }
        """

    private func path(_ text: String) throws -> String {
        let path = try temporaryDirectory() + "/topology.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func aFileDeclaresAllThatTheSupervisorWould() async throws {
        let broker = try TestBroker(topology: try path(Self.file))
        let topology = broker.topology
        #expect(topology.exchanges.map(\.name).sorted() == ["shop.events", "signalbox.requests", "stock.retry"])
        #expect(
            topology.queues.map(\.name).sorted() == ["stock.orders", "stock.orders.dead", "stock.orders.retry.0", "stock.orders.retry.1"])
        let queue = try #require(topology.queues.first { $0.name == "stock.orders" })
        #expect(queue.kind == .quorum && queue.isSingleActiveConsumer && queue.deliveryLimit == 20)
        #expect(queue.deadLetterExchange == "" && queue.deadLetterRoutingKey == "stock.orders.dead" && queue.isDeadLetteringAtLeastOnce)
        let settings = try #require(topology.services["stock"]?.queues["stock.orders"])
        #expect(settings.prefetch == 7 && settings.immediate == 1 && settings.delays == [.seconds(1), .seconds(120)])
        #expect(settings.isSingleActiveConsumer && settings.retryExchange == "stock.retry")
        #expect(topology.services["order"]?.eventsExchange == "shop.events")
        #expect(topology.services["order"]?.environment == ["LOG_LEVEL": "info"])
        try await broker.publish(OrderPlaced(order: "o", quantity: 1), to: "shop.events")
        #expect(broker.messages(in: "stock.orders").count == 1)
    }

    @Test func aMistakeInTheFileIsSaidWithItsLine() throws {
        let path = try path(Self.file.replacingOccurrences(of: "prefetch: 7", with: "prefetch: many"))
        let error = #expect(throws: TestKitError.self) { _ = try TestBroker(topology: path) }
        #expect(error?.description.contains("topology.yaml:12:") == true, "\(error?.description ?? "")")
        #expect(throws: TestKitError.self) { _ = try TestBroker(topology: "/nowhere/topology.yaml") }
    }
}
