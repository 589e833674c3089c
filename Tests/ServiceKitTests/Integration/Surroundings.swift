import AMQP
import Foundation
import Logging
import Postgres
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

/// A virtual host and a database of a test's own, on the servers that all tests share.
struct Surroundings {
    static let exchange = "shop.events"
    static let patience: Duration = .seconds(30)

    let broker: PrivateRabbitMQ
    /// Kept alive.
    private let postgres: PrivatePostgreSQL
    let virtualHost: String
    let databaseURL: String
    /// For looking at the database from outside of the service.
    let pool: PostgresPool
    let logger: Logger

    init(broker: PrivateRabbitMQ? = nil, postgres: PrivatePostgreSQL? = nil) async throws {
        let postgres = if let postgres { postgres } else { try await PrivatePostgreSQL.shared() }
        self.postgres = postgres
        self.broker = if let broker { broker } else { try await PrivateRabbitMQ.shared() }
        virtualHost = try await self.broker.makeVirtualHost()
        var logger = Logger(label: "test") { _ in JSONLogHandler(service: "test", instance: 1) }
        logger.logLevel = ProcessInfo.processInfo.environment["TEST_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .critical
        self.logger = logger
        let name = "test_\(UInt32.random(in: 0 ... .max))"
        let administrator = try PostgresPool(url: postgres.url, maximumConnections: 1, applicationName: "test", logger: logger)
        _ = try await administrator.withConnection(deadline: .now + Self.patience) { try await $0.execute("CREATE DATABASE \(name)") }
        await administrator.close()
        databaseURL = postgres.url(database: name)
        pool = try PostgresPool(url: databaseURL, maximumConnections: 2, applicationName: "test", logger: logger)
        try await manage("PUT", "/api/exchanges/\(virtualHost)/\(Self.exchange)", #"{"type": "topic", "durable": true}"#)
    }

    func close() async {
        await pool.close()
        _ = try? await broker.manage("DELETE", "/api/vhosts/\(virtualHost)")
    }

    @discardableResult
    func manage(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        try await broker.manage(method, path, body)
    }

    /// A queue bound to the exchange, with its retry and dead-letter queues, as the supervisor would declare them.
    func declare(
        queue: String, of service: String, keys: [String], delays: [Duration] = [], isDurable: Bool = true,
        isSingleActiveConsumer: Bool = false
    ) async throws {
        let active = isSingleActiveConsumer ? #", "x-single-active-consumer": true"# : ""
        let kind = isDurable ? #""durable": true, "arguments": {"x-queue-type": "quorum"\#(active)}"# : #""durable": false"#
        try await manage("PUT", "/api/queues/\(virtualHost)/\(queue)", "{\(kind)}")
        for key in keys {
            try await manage("POST", "/api/bindings/\(virtualHost)/e/\(Self.exchange)/q/\(queue)", #"{"routing_key": "\#(key)"}"#)
        }
        guard isDurable else { return }
        let retry = "\(service).retry"
        try await manage("PUT", "/api/exchanges/\(virtualHost)/\(retry)", #"{"type": "direct", "durable": true}"#)
        for name in delays.indices.map({ "\(queue).retry.\($0)" }) + ["\(queue).dead"] {
            try await manage("PUT", "/api/queues/\(virtualHost)/\(name)", #"{"durable": true, "arguments": {"x-queue-type": "quorum"}}"#)
            try await manage("POST", "/api/bindings/\(virtualHost)/e/\(retry)/q/\(name)", #"{"routing_key": "\#(name)"}"#)
        }
        for (rung, delay) in delays.enumerated() {
            let milliseconds = Int(delay.inSeconds * 1000)
            let definition = #"{"message-ttl": \#(milliseconds), "dead-letter-exchange": "", "dead-letter-routing-key": "\#(queue)"}"#
            try await manage(
                "PUT", "/api/policies/\(virtualHost)/\(queue).retry.\(rung)",
                #"{"pattern": "^\#(queue)\\.retry\\.\#(rung)$", "apply-to": "queues", "definition": \#(definition)}"#)
        }
    }

    func environment(_ service: String, queues: [String: QueueSettings] = [:], _ change: (inout ServiceEnvironment) -> Void = { _ in })
        throws
        -> ServiceEnvironment
    {
        var environment = try ServiceEnvironment([
            "SIGNALBOX_SERVICE": service, "AMQP_URL": broker.url(virtualHost: virtualHost), "DATABASE_URL": databaseURL,
            "SIGNALBOX_EVENTS_EXCHANGE": Self.exchange,
        ])
        environment.queues = queues
        change(&environment)
        return environment
    }

    func application(_ service: String, queues: [String: QueueSettings] = [:], _ change: (inout ServiceEnvironment) -> Void = { _ in })
        throws
        -> ServiceApplication
    {
        try ServiceApplication(environment: try environment(service, queues: queues, change), logger: logger)
    }

    /// Runs the application while `body` runs, and stops it in an orderly way.
    func running<T: Sendable>(_ application: ServiceApplication, _ body: () async throws -> T) async throws -> T {
        async let running: Void = application.run(stoppingOn: [])
        do {
            try await eventually(within: Self.patience, "the readiness of \(application.environment.service)") {
                await application.parts.checks().values.allSatisfy { $0 == nil }
            }
            let value = try await body()
            application.shutdown()
            try await running
            return value
        } catch {
            application.shutdown()
            try await running
            throw error
        }
    }

    /// What SIGKILL leaves of a process: its connections are gone, whatever it was about to do on them. Its tasks hang for ever.
    func kill(_ application: ServiceApplication) async throws {
        let broker = application.parts.broker.withLock { $0 }
        await broker?.consumer.close()
        await broker?.publisher.close()
        await application.parts.pool?.close()
        await application.parts.relayPool?.close()
        let name = "\(application.environment.service).\(application.environment.instance)"
        _ = try await pool.withConnection(deadline: .now + Self.patience) {
            try await $0.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND (application_name = $1 OR application_name = $1 || ' relay')",
                [name])
        }
        application.shutdown()
    }

    func ready(_ application: ServiceApplication) async throws {
        try await eventually(within: Self.patience, "the readiness of \(application.environment.service)") {
            await application.parts.checks().values.allSatisfy { $0 == nil }
        }
    }

    func publish(_ messages: [AMQPMessage], routingKey: String = Placed.type) async throws {
        let publisher = try publisher()
        for message in messages {
            try await publisher.publish(message, to: Self.exchange, routingKey: routingKey, deadline: .now + .seconds(20))
        }
        await publisher.close()
    }

    /// Messages in a queue that are not with a consumer.
    func depth(_ queue: String) async throws -> Int {
        let consumer = AMQPConsumer(configuration: try configuration("depth"), logger: logger)
        try await consumer.waitUntilConnected(deadline: .now + Self.patience)
        let count = try await consumer.inspectQueue(queue).messages
        await consumer.close()
        return count
    }

    /// The numbers of a subject in the table `seen`, in the order in which they were handled.
    func seen(_ subject: String) async throws -> [Int] {
        try await pool.withConnection(deadline: .now + Self.patience) {
            try await $0.query("SELECT number FROM seen WHERE subject = $1 ORDER BY id", [subject]).map { try $0.get(0, as: Int.self) }
        }
    }

    func expect(_ expected: Int, _ sql: String, at location: SourceLocation = #_sourceLocation) async throws {
        let found = try await count(sql)
        #expect(found == expected, sourceLocation: location)
    }

    func text(_ sql: String) async throws -> String? {
        try await pool.withConnection(deadline: .now + Self.patience) { try await $0.query(sql).first?.get(0, as: String.self) }
    }

    func count(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> Int {
        try await pool.withConnection(deadline: .now + Self.patience) {
            try await $0.query(sql, parameters).first?.get(0, as: Int.self) ?? 0
        }
    }

    /// Takes a message out of a queue.
    func take(from queue: String, within limit: Duration = patience) async throws -> AMQPMessage {
        let consumer = AMQPConsumer(configuration: try configuration("take"), logger: logger)
        let deliveries = try await consumer.consume(queue: queue, prefetch: 1)
        let message = try await withThrowingTaskGroup(of: AMQPMessage?.self) { group in
            group.addTask {
                for await delivery in deliveries {
                    await delivery.ack()
                    return delivery.message
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        await consumer.close()
        guard let message else { throw TestSupportError("nothing came by queue \(queue) within \(limit)") }
        return message
    }

    func configuration(_ name: String) throws -> AMQPConfiguration {
        try AMQPConfiguration(url: broker.url(virtualHost: virtualHost), connectionName: name)
    }

    func publisher() throws -> AMQPPublisher {
        AMQPPublisher(configuration: try configuration("test publisher"), logger: logger)
    }
}

struct Placed: Event, Equatable {
    static let type = "order.placed"
    var order: String
    var number: Int
    var subject: String { order }

    /// As any publisher would send it.
    func message(id: String = EventIdentifier.make()) throws -> AMQPMessage {
        let metadata = EventMetadata(id: id, type: Self.type, source: "/test", subject: order, time: .now)
        return EventCodec.message(metadata, body: Array(try JSONEncoder().encode(self)), service: "test")
    }
}

struct Reserved: Event {
    static let type = "stock.reserved"
    var order: String
    var subject: String { order }
}
