import AMQP
import ServiceTestKit
import Testing
import TestSupport

/// The brokers that the suite runs on.
enum BrokerKind: String, CaseIterable, CustomTestStringConvertible {
    case memory, rabbitMQ

    var testDescription: String { rawValue }

    /// Runs a body on one of them, and closes what it made.
    func withBench(_ body: (any Bench) async throws -> Void) async throws {
        let bench: any Bench
        switch self {
        case .memory: bench = MemoryBench()
        case .rabbitMQ: bench = try await RabbitBench()
        }
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }
}

/// A client whose connection can be cut.
struct Client<Link: Sendable>: Sendable {
    let link: Link
    /// Returns when the client has noticed.
    let cut: @Sendable () async throws -> Void
    let restore: @Sendable () async -> Void
}

/// A broker with nothing declared, and clients of it.
protocol Bench: Sendable {
    func declare(_ exchange: TestExchange) async throws
    func declare(_ queue: TestQueue) async throws
    func bind(_ binding: TestBinding) async throws
    func publisher() async throws -> Client<any MessagePublishing>
    func consumer() async throws -> Client<any MessageConsuming>
    func requester() async throws -> Client<any MessageRequesting>
    /// Messages that wait, and consumers. RabbitMQ counts of a quorum queue's single active consumers only the active one, and any that are
    /// cancelled and still hold something.
    func inspect(_ queue: String) async throws -> (messages: Int, consumers: Int)
    /// Lets so much time pass, and a little more.
    func pass(_ time: Duration) async throws
    func close() async
}

extension Bench {
    func publish(_ texts: String..., to queue: String, expiration: Duration? = nil) async throws {
        let publisher = try await publisher()
        for text in texts {
            var message = AMQPMessage(text)
            message.properties.expiration = expiration
            try await publisher.link.publish(message, to: "", routingKey: queue, deadline: soon)
        }
        await publisher.link.close()
    }

    /// Waits until so many messages wait in the queue.
    func expect(_ count: Int, in queue: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var found = -1
        for _ in 0..<1000 {
            found = try await inspect(queue).messages
            if found == count { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(found == count, "messages in \(queue)", sourceLocation: sourceLocation)
    }

    /// One that the broker knows of already.
    func attach(_ queue: String, prefetch: Int = 100) async throws -> Collector {
        let collector = try await collect(queue, prefetch: prefetch)
        try await eventually(within: .seconds(20), "the consumer") { await collector.client.link.isConsuming }
        return collector
    }

    func collect(_ queue: String, prefetch: Int = 100) async throws -> Collector {
        let client = try await consumer()
        return Collector(try await client.link.consume(queue: queue, prefetch: prefetch), of: client)
    }
}

/// For what takes milliseconds on a quiet machine; this one may be busy.
var soon: ContinuousClock.Instant { .now + .seconds(30) }

extension AMQPMessage {
    init(_ text: String, headers: [String: AMQPValue] = [:]) {
        self.init(properties: AMQPProperties(headers: headers), body: Array(text.utf8))
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Of the `x-death` header, the latest first.
    var deaths: [[String: AMQPValue]] {
        guard case .array(let deaths) = properties.headers["x-death"] else { return [] }
        return deaths.compactMap { if case .table(let table) = $0 { table } else { nil } }
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
