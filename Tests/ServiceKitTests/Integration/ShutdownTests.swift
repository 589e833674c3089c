import AMQP
import Foundation
import Glibc
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

struct ShutdownTests {
    @Test(.timeLimit(.minutes(1))) func aSignalStopsItAndTheSupervisorIsTold() async throws {
        let folder = try temporaryDirectory()
        let socketPath = "\(folder)/notify"
        let descriptor = try listen(at: socketPath)
        defer { close(descriptor) }
        let application = try ServiceApplication(environment: ServiceEnvironment(["SIGNALBOX_SERVICE": "a", "NOTIFY_SOCKET": socketPath]))
        async let running: Void = application.run(stoppingOn: [SIGUSR1])
        try await eventually { receive(descriptor) == "READY=1" }
        kill(getpid(), SIGUSR1)
        try await running
        try await eventually { receive(descriptor) == "STOPPING=1" }
    }

    /// A message in hand is finished before the stop, however many wait behind it.
    @Test(.timeLimit(.minutes(1))) func whatIsHeldIsFinished() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let application = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 1, retryExchange: "stock.retry")])
        application.migrate([OutboxInboxTests.table])
        let (begun, goOn) = (Latch(), Latch())
        application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            begun.trigger()
            await goOn.wait()
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        let publisher = try surroundings.publisher()
        try await surroundings.running(application) {
            for number in 0..<2 {
                try await publisher.publish(
                    try Placed(order: "o", number: number).message(), to: Surroundings.exchange, routingKey: Placed.type,
                    deadline: .now + .seconds(10))
            }
            await begun.wait()
            application.shutdown()
            goOn.trigger()
        }
        await publisher.close()
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == 1)
        let rest = try await surroundings.take(from: "stock.orders")
        #expect(try JSONDecoder().decode(Placed.self, from: Data(rest.body)).number == 1)
        await surroundings.close()
    }

    /// What does not end within the grace is cancelled, rolled back and delivered again.
    @Test(.timeLimit(.minutes(1))) func theGraceEnds() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let application = try surroundings.application("stock", queues: ["stock.orders": QueueSettings(retryExchange: "stock.retry")])
        let begun = Latch()
        application.handle(Placed.self, from: "stock.orders") { _, _, _ in
            begun.trigger()
            try await Task.sleep(for: .seconds(600))
        }
        async let running: Void = application.run(stoppingOn: [], grace: .milliseconds(200))
        let publisher = try surroundings.publisher()
        try await publisher.publish(
            try Placed(order: "o", number: 7).message(), to: Surroundings.exchange, routingKey: Placed.type, deadline: .now + .seconds(10))
        await begun.wait()
        application.shutdown()
        try await running
        await publisher.close()
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 0)
        #expect(try await surroundings.take(from: "stock.orders").properties.headers["signalbox-attempts"] == nil)
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func aStopBeforeTheDatabaseIsThere() async throws {
        let environment = try ServiceEnvironment([
            "SIGNALBOX_SERVICE": "a", "DATABASE_URL": "postgres://nobody:x@127.0.0.1:\(freePort())/none",
        ])
        let application = try ServiceApplication(environment: environment, logger: .init(label: "quiet") { _ in JSONLogHandler.silent })
        async let running: Void = application.run(stoppingOn: [])
        try await eventually { application.parts.port.withLock { $0 } != nil }
        application.shutdown()
        try await running
    }

    private func listen(at path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else { throw TestSupportError("cannot bind \(path)") }
        return descriptor
    }

    private func receive(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

extension JSONLogHandler {
    static var silent: JSONLogHandler {
        var handler = JSONLogHandler(service: "test", instance: 1)
        handler.logLevel = .critical
        return handler
    }
}
