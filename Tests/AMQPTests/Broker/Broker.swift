import Glibc
import Logging
import Testing
import TestSupport

@testable import AMQP

/// A virtual host of the shared broker, or a broker that may be killed, and clients of it that are closed in the end.
actor Broker {
    let server: PrivateRabbitMQ
    let configuration: AMQPConfiguration
    /// Declares and inspects.
    let tool: AMQPConsumer
    private var closings: [@Sendable () async -> Void] = []

    static func withShared(_ body: (Broker) async throws -> Void) async throws {
        let server = try await PrivateRabbitMQ.shared()
        try await with(server, virtualHost: try await server.makeVirtualHost(), body)
    }

    static func withOwn(_ body: (Broker) async throws -> Void) async throws {
        let server = try await PrivateRabbitMQ.start()
        do {
            try await with(server, virtualHost: "/", body)
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
    }

    private static func with(_ server: PrivateRabbitMQ, virtualHost: String, _ body: (Broker) async throws -> Void) async throws {
        let broker = Broker(
            server: server, configuration: try AMQPConfiguration(url: server.url(virtualHost: virtualHost), connectionName: "test"))
        do {
            try await broker.tool.waitUntilConnected(deadline: soon)
            try await body(broker)
        } catch {
            await broker.close()
            throw error
        }
        await broker.close()
    }

    private init(server: PrivateRabbitMQ, configuration: AMQPConfiguration) {
        self.server = server
        self.configuration = configuration
        tool = AMQPConsumer(configuration: configuration, logger: .quiet)
    }

    private func close() async {
        for closing in closings { await closing() }
        await tool.close()
    }

    func publisher(window: Int = 256) -> AMQPPublisher {
        let publisher = AMQPPublisher(configuration: configuration, window: window, logger: .quiet)
        closings.append { await publisher.close() }
        return publisher
    }

    func consumer() -> AMQPConsumer {
        let consumer = AMQPConsumer(configuration: configuration, logger: .quiet)
        closings.append { await consumer.close() }
        return consumer
    }

    func requester(_ mode: AMQPReplyMode) -> AMQPRequester {
        let requester = AMQPRequester(configuration: configuration, logger: .quiet, replyMode: mode)
        closings.append { await requester.close() }
        return requester
    }

    func declareQuorumQueue(_ name: String) async throws {
        try await tool.declareQueue(name, arguments: ["x-queue-type": "quorum"])
    }

    /// One that is there after SIGKILL of the broker.
    func declareLastingQuorumQueue(_ name: String) async throws {
        try await declareQuorumQueue(name)
        try await BrokerControl(port: server.port).waitUntilDurable(queue: name)
    }
}

/// For what takes milliseconds on a quiet machine; this one may be busy.
var soon: ContinuousClock.Instant { .now + .seconds(30) }

extension Logger {
    static var quiet: Logger {
        var logger = Logger(label: "amqp.tests")
        logger.logLevel = getenv("AMQP_TESTS_LOG") == nil ? .critical : .debug
        return logger
    }
}

extension AMQPMessage {
    init(_ text: String, id: String? = nil) {
        self.init(properties: .init(messageID: id), body: Array(text.utf8))
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension AMQPDeliveries {
    /// The next delivery, which is expected to come soon.
    func first() async throws -> AMQPDelivery {
        try await withThrowingTaskGroup(of: AMQPDelivery?.self) { group in
            group.addTask {
                var iterator = self.makeAsyncIterator()
                return await iterator.next()
            }
            group.addTask {
                try await Task.sleep(until: soon, clock: .continuous)
                throw TestSupportError("nothing was delivered from \(queue)")
            }
            defer { group.cancelAll() }
            guard let delivery = try await group.next() ?? nil else { throw TestSupportError("the deliveries of \(queue) ended") }
            return delivery
        }
    }
}

/// The code of what the body throws; nil when it throws nothing.
func errorCode(_ body: () async throws(AMQPError) -> Void) async -> AMQPError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return error.code
    }
}
