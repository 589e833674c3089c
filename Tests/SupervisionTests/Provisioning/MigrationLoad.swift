import AMQP
import BrokerTopology
import Logging
@testable import Supervision
import Synchronization
import TestSupport
import Testing
import Topology

/// A virtual host of the shared broker in which messages stream through the exchange `x` into the queues `q` and `other`.
final class MigrationLoad: Sendable {
    static let keys = 8
    /// After the end of the publishing a message is sent again only so often.
    static let lateAttempts = 1000
    static let pause = Duration.milliseconds(4)

    let name: String
    let administrator: BrokerAdministrator
    let record = MigrationRecord()
    private let url: String
    private let publishing = Mutex<[Task<Void, Never>]>([])
    private let consuming = Mutex<[Task<Void, Never>]>([])
    private let consumers = Mutex<[AMQPConsumer]>([])
    private let publisher: AMQPPublisher
    private let isPublishing = Mutex(true)

    init() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        name = try await broker.makeVirtualHost()
        url = broker.url(virtualHost: name)
        administrator = BrokerAdministrator(
            managementURL: broker.managementURL, user: broker.user, password: broker.password, virtualHost: name)
        publisher = AMQPPublisher(configuration: try AMQPConfiguration(url: url, connectionName: "load"), logger: Self.logger)
    }

    static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    func declare(_ topology: Topology) async throws {
        try await administrator.apply(.plan(BrokerDeclaration(topology: topology, users: [:]), administrator.read()))
    }

    func begin() async throws {
        for queue in ["q", "other"] {
            let consumer = AMQPConsumer(configuration: try AMQPConfiguration(url: url, connectionName: "load"), logger: Self.logger)
            consumers.withLock { $0.append(consumer) }
            let deliveries = try await consumer.consume(queue: queue, prefetch: 16)
            consuming.withLock { $0.append(Task { await self.consume(deliveries) }) }
        }
        for key in 0..<Self.keys { publishing.withLock { $0.append(Task { await self.publish(key) }) } }
    }

    /// Until all is as declared, by a new migrator for every step.
    func migrate(_ declared: BrokerDeclaration, stepsAtOnce: Int = 1) async throws {
        let names = Set(BrokerPlan.plan(declared, try await administrator.read()).queueMigrations.map(\.queue.name))
        #expect(names == ["q"])
        var migrator: QueueMigrator?
        var waits = 0
        while true {
            let mover = AMQPMessageMover(url: url, logger: Self.logger)
            let current = migrator ?? QueueMigrator(administrator: administrator, mover: mover, stepsAtOnce: stepsAtOnce)
            let progress = try await current.advance(declared, asked: names)
            guard let first = progress.first else { return }
            record.trace(first.text)
            // One that waits has to see for how long the old queue is empty, and one that moves whether it has caught up.
            migrator = first.isWaiting || first.text.contains("comes over") ? current : nil
            if first.isWaiting {
                waits += 1
                try #require(waits < 1000, "\(progress)")
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Publishing first; then all that was confirmed has to come.
    func end() async {
        isPublishing.withLock { $0 = false }
        for task in publishing.withLock({ $0 }) { await task.value }
        try? await eventually(within: .seconds(30)) { record.isComplete }
        for consumer in consumers.withLock({ $0 }) { await consumer.close() }
        await publisher.close()
        for task in consuming.withLock({ $0 }) { await task.value }
    }

    /// The next number of the key only once the one before it is confirmed, again and again under the same message id.
    private func publish(_ key: Int) async {
        var number = 1
        while isPublishing.withLock({ $0 }) {
            let message = AMQPMessage(properties: .init(messageID: "\(key).\(number)"), body: Array("\(key).\(number)".utf8))
            var lateAttempts = 0
            while lateAttempts < Self.lateAttempts {
                do {
                    try await publisher.publish(
                        message, to: "x", routingKey: number % 2 == 0 ? "even" : "odd", deadline: .now + .seconds(20))
                    break
                } catch {
                    record.refused(error.code)
                    guard error.code != .closed else { return }
                    if !isPublishing.withLock({ $0 }) { lateAttempts += 1 }
                    try? await Task.sleep(for: .milliseconds(5))
                }
            }
            guard lateAttempts < Self.lateAttempts else { return }
            record.confirmed(key, number)
            number += 1
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func consume(_ deliveries: AMQPDeliveries) async {
        for await delivery in deliveries {
            let parts = String(decoding: delivery.message.body, as: UTF8.self).split(separator: ".").compactMap { Int($0) }
            guard parts.count == 2 else { continue }
            record.delivered(parts[0], parts[1], id: delivery.message.properties.messageID, from: deliveries.queue)
            await delivery.ack()
        }
    }
}
