import ServiceKit
import ServiceTestKit
import Testing

// docs/testing-services.md shows this file's parts: it is compiled and run, so that the page holds.

struct OrderPlaced: Event {
    static let type = "order.placed"
    var order: String
    var quantity: Int
    var subject: String { order }
}

struct StockReserved: Event {
    static let type = "stock.reserved"
    var order: String
    var subject: String { order }
}

/// The service's own code, as its `main` calls it.
func setUpStock(_ application: ServiceApplication, warehouse: Warehouse) {
    application.migrate([Migration("1 reservations", "CREATE TABLE reservations (order_id text PRIMARY KEY, quantity integer NOT NULL)")])
    application.handle(OrderPlaced.self, from: "stock.orders") { event, _, transaction in
        try await warehouse.check(event)
        try await transaction.execute("INSERT INTO reservations VALUES ($1, $2)", [event.order, event.quantity])
        try await transaction.publish(StockReserved(order: event.order))
    }
}

/// Something that the service depends on, and the test answers for.
actor Warehouse {
    struct Closed: Error {}

    private(set) var checks = 0
    private var failures: Int

    init(failures: Int = 0) {
        self.failures = failures
    }

    func check(_ event: OrderPlaced) throws {
        checks += 1
        guard failures > 0 else { return }
        failures -= 1
        throw Closed()
    }
}

@Suite(.timeLimit(.minutes(2))) struct TestingServicesExample {
    /// What topology.yaml says; `TestBroker(topology: "topology.yaml")` reads it from there.
    static var topology: TestTopology {
        var topology = TestTopology()
        topology.addService("stock", publishes: "shop.events")
        topology.addQueue(
            "stock.orders", consumer: "stock", bindings: [("shop.events", "order.placed")], immediate: 0,
            delays: [.seconds(10), .seconds(120)], isSingleActiveConsumer: true)
        topology.addQueue("mail.stock", consumer: "mail", bindings: [("shop.events", "stock.*")])
        return topology
    }

    @Test func reservesStockOnce() async throws {
        let broker = TestBroker(Self.topology)
        let database = try await TestDatabase()
        let service = try TestService("stock", on: broker, database: database) { setUpStock($0, warehouse: Warehouse()) }
        try await service.run {
            for _ in 0..<2 { try await broker.publish(OrderPlaced(order: "o-1", quantity: 3), to: "shop.events", id: "e-1") }
            try await waitUntil { broker.messages(in: "mail.stock").count == 1 && broker.unsettledCount(in: "stock.orders") == 0 }
            #expect(try broker.published(StockReserved.self).map(\.order) == ["o-1"])
            #expect(try await database.value("SELECT count(*) FROM reservations", as: Int.self) == 1)
        }
        try await database.drop()
    }

    @Test func triesAgainAfterTwoMinutesAndGivesUp() async throws {
        let broker = TestBroker(Self.topology)
        let database = try await TestDatabase()
        let warehouse = Warehouse(failures: .max)
        let service = try TestService("stock", on: broker, database: database) { setUpStock($0, warehouse: warehouse) }
        let waiting = "SELECT count(*) FROM signalbox_waiting WHERE attempts = $1"
        try await service.run {
            try await broker.publish(OrderPlaced(order: "o-1", quantity: 3), to: "shop.events")
            try await waitUntil("the first failure") { try await database.value(waiting, [1]) == 1 }
            try await broker.clock.advance(until: "the second", atMost: .seconds(20)) { try await database.value(waiting, [2]) == 1 }
            #expect(await warehouse.checks == 2)
            // Two minutes, and what the delay may be longer by: it is jittered.
            await broker.clock.advance(by: .seconds(150))
            try await waitUntil("the dead letter") { broker.messages(in: "stock.orders.dead").count == 1 }
            #expect(await warehouse.checks == 3)
            let dead = broker.messages(in: "stock.orders.dead")[0]
            #expect(dead.properties.headers["signalbox-attempts"] == 3)
            #expect(try dead.decode(OrderPlaced.self).order == "o-1")
        }
        try await database.drop()
    }

    @Test func answersRequests() async throws {
        var topology = Self.topology
        topology.addQueue("stock.requests", consumer: "stock")
        let broker = TestBroker(topology)
        let service = try TestService("stock", on: broker) { application in
            application.answer(queue: "stock.requests") { request in
                BusReply(body: Array("\(request.path) has \(request.parameters["amount"] ?? "none")".utf8))
            }
        }
        let requester = broker.requester()
        var request = AMQPMessage(properties: AMQPProperties(headers: ["http-path": "/stock/7"]))
        request.body = Array(#"{"amount": 3}"#.utf8)
        func ask() async throws -> AMQPMessage {
            try await requester.request(
                request, exchange: "", routingKey: "stock.requests", consumedFrom: "stock.requests", deadline: .now + .seconds(5))
        }
        await #expect(throws: AMQPError.self) { try await ask() }
        try await service.run {
            let reply = try await ask()
            #expect(String(decoding: reply.body, as: UTF8.self) == "/stock/7 has 3")
            #expect(reply.properties.headers["status"] == 200)
        }
    }

    @Test func losesNothingWhileTheBrokerIsAway() async throws {
        let broker = TestBroker(Self.topology)
        let database = try await TestDatabase()
        let service = try TestService("stock", on: broker, database: database) { setUpStock($0, warehouse: Warehouse()) }
        try await service.run {
            // The event arrives and the service never hears of it.
            broker.loseNextConfirms()
            let publishing = Task { try await broker.publish(OrderPlaced(order: "o-1", quantity: 1), to: "shop.events") }
            try await waitUntil { try await database.value("SELECT count(*) FROM reservations", as: Int.self) == 1 }
            broker.cutConnections()
            broker.restoreConnections()
            try await publishing.value
            try await broker.clock.advance(atMost: .seconds(60)) { broker.messages(in: "mail.stock").count == 1 }
            try await broker.clock.advance(atMost: .seconds(60)) {
                try await database.value("SELECT count(*) FROM signalbox_outbox", as: Int.self) == 0
            }
        }
        try await database.drop()
    }
}
