import AMQP
import Foundation
import Logging
import ServiceTestKit
import Synchronization
import TestSupport

/// A virtual host of a real RabbitMQ. Each client has a proxy of its own before it.
final class RabbitBench: Bench {
    /// For the broker's timers.
    private static let margin: Duration = .milliseconds(250)

    private let server: PrivateRabbitMQ
    private let virtualHost: String
    private let tool: AMQPConsumer
    private let closings = Mutex<[@Sendable () async -> Void]>([])

    init() async throws {
        server = try await PrivateRabbitMQ.shared()
        virtualHost = try await server.makeVirtualHost()
        let url = server.url(virtualHost: virtualHost)
        tool = AMQPConsumer(configuration: try AMQPConfiguration(url: url, connectionName: "bench"), logger: .quiet)
        try await tool.waitUntilConnected(deadline: soon)
    }

    func close() async {
        let closings = closings.withLock { $0 }
        await withDiscardingTaskGroup { group in
            for closing in closings { group.addTask { await closing() } }
        }
        await tool.close()
        _ = try? await server.manage("DELETE", "/api/vhosts/\(virtualHost)")
    }

    func declare(_ exchange: TestExchange) async throws {
        try await server.manage(
            "PUT", "/api/exchanges/\(virtualHost)/\(exchange.name)", #"{"type": "\#(exchange.kind.rawValue)", "durable": true}"#)
    }

    func declare(_ queue: TestQueue) async throws {
        var arguments: [String: AMQPValue] = ["x-queue-type": .string(queue.kind.rawValue), "x-overflow": .string(queue.overflow.rawValue)]
        if queue.isSingleActiveConsumer { arguments["x-single-active-consumer"] = true }
        arguments["x-delivery-limit"] = queue.deliveryLimit.map { .int(Int64($0)) }
        arguments["x-max-length"] = queue.maximumLength.map { .int(Int64($0)) }
        arguments["x-message-ttl"] = queue.messageTTL.map { .int(Int64($0 / .milliseconds(1))) }
        arguments["x-dead-letter-exchange"] = queue.deadLetterExchange.map { .string($0) }
        arguments["x-dead-letter-routing-key"] = queue.deadLetterRoutingKey.map { .string($0) }
        if queue.isDeadLetteringAtLeastOnce { arguments["x-dead-letter-strategy"] = "at-least-once" }
        try await tool.declareQueue(queue.name, arguments: arguments)
    }

    func bind(_ binding: TestBinding) async throws {
        let arguments = binding.arguments.map { name, value in
            switch value {
            case .string(let text): #""\#(name)": "\#(text)""#
            case .int(let number): #""\#(name)": \#(number)"#
            case .bool(let bool): #""\#(name)": \#(bool)"#
            default: #""\#(name)": null"#
            }
        }.joined(separator: ", ")
        try await server.manage(
            "POST", "/api/bindings/\(virtualHost)/e/\(binding.exchange)/q/\(binding.queue)",
            #"{"routing_key": "\#(binding.key)", "arguments": {\#(arguments)}}"#)
    }

    func publisher() async throws -> Client<any MessagePublishing> {
        let (proxy, configuration) = try connection()
        let link = AMQPPublisher(configuration: configuration, logger: .quiet)
        closings.withLock { $0.append { await link.close() } }
        return client(link, proxy) { await link.isConnected }
    }

    func consumer() async throws -> Client<any MessageConsuming> {
        let (proxy, configuration) = try connection()
        let link = AMQPConsumer(configuration: configuration, logger: .quiet)
        closings.withLock { $0.append { await link.close() } }
        return client(link, proxy) { await link.isConsuming }
    }

    func requester() async throws -> Client<any MessageRequesting> {
        let (proxy, configuration) = try connection()
        let link = AMQPRequester(configuration: configuration, logger: .quiet)
        closings.withLock { $0.append { await link.close() } }
        return client(link, proxy) { await link.isConnected }
    }

    private func connection() throws -> (CuttableProxy, AMQPConfiguration) {
        let proxy = try CuttableProxy(to: server.port)
        closings.withLock { $0.append { proxy.close() } }
        var configuration = try AMQPConfiguration(url: server.url(virtualHost: virtualHost), connectionName: "bench")
        configuration.port = proxy.port
        return (proxy, configuration)
    }

    private func client<Link: Sendable>(
        _ link: Link, _ proxy: CuttableProxy, isUp: @escaping @Sendable () async -> Bool
    ) -> Client<Link> {
        Client(
            link: link,
            cut: {
                proxy.cut()
                try await eventually(within: .seconds(20), "the loss of a connection") { await !isUp() }
                // The broker tells nobody when it has noticed as well.
                try await Task.sleep(for: Self.margin)
            }, restore: { proxy.restore() })
    }

    func inspect(_ queue: String) async throws -> (messages: Int, consumers: Int) {
        let found = try await tool.inspectQueue(queue)
        return (found.messages, found.consumers)
    }

    func pass(_ time: Duration) async throws { try await Task.sleep(for: time + Self.margin) }
}

extension Logger {
    static var quiet: Logger { Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() } }
}
