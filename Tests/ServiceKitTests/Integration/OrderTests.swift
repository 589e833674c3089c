import AMQP
import Foundation
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

/// Messages of one subject are handled in their order, over instances and over their ends.
struct OrderTests {
    private static let queue = "stock.orders"

    private func application(
        _ surroundings: Surroundings, instance: Int, settings: QueueSettings, clock: ServiceClock = .system,
        _ handle: @escaping @Sendable (Placed, EventMetadata) async throws -> Void
    ) throws -> ServiceApplication {
        let application = try ServiceApplication(
            environment: try surroundings.environment("stock", queues: [Self.queue: settings]) { $0.instance = instance },
            logger: surroundings.logger, clock: clock)
        application.migrate([OutboxInboxTests.table])
        application.handle(Placed.self, from: Self.queue) { event, metadata, transaction in
            try await handle(event, metadata)
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        return application
    }

    private func settings(prefetch: Int = 16, immediate: Int = 0, delays: [Duration] = [.milliseconds(1500)]) -> QueueSettings {
        QueueSettings(
            prefetch: prefetch, immediate: immediate, delays: delays, retryExchange: "stock.retry", isSingleActiveConsumer: true)
    }

    @Test(.timeLimit(.minutes(3))) func othersOfItsKeyWaitBehindOneThatWaitsForARetry() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type], isSingleActiveConsumer: true)
        let failing = FailOnce()
        let offset = Mutex<TimeInterval>(0)
        let clock = ServiceClock(now: { Date.now + offset.withLock { $0 } }, sleep: { try await Task.sleep(for: $0) })
        let applications = try (1...2).map { instance in
            try application(surroundings, instance: instance, settings: settings(delays: [.seconds(300)]), clock: clock) {
                event, metadata in
                if event.order == "k", event.number == 0 { try failing.fail(metadata.id) }
            }
        }
        try await surroundings.running(applications[0]) {
            try await surroundings.running(applications[1]) {
                let messages = try (0..<10).flatMap { number in
                    try [Placed(order: "k", number: number).message()]
                        + (0..<5).map { try Placed(order: "o\($0)", number: number).message() }
                }
                try await surroundings.publish(messages)
                // All others are done while the first of "k" waits, and none of "k".
                try await eventually { try await surroundings.count("SELECT count(*) FROM seen WHERE subject <> 'k'") == 50 }
                try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_waiting WHERE key = 'k'") == 10 }
                #expect(try await surroundings.count("SELECT count(*) FROM seen WHERE subject = 'k'") == 0)
                offset.withLock { $0 = 400 }
                try await eventually { try await surroundings.count("SELECT count(*) FROM seen") == 60 }
            }
        }
        for subject in ["k", "o0", "o4"] { #expect(try await surroundings.seen(subject) == Array(0..<10)) }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_waiting") == 0)
        await surroundings.close()
    }

    /// What waits is in the database: the retry, and those behind it, outlive the instance.
    @Test(.timeLimit(.minutes(3))) func whatWaitsOutlivesItsInstance() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type], isSingleActiveConsumer: true)
        let failing = FailOnce()
        let first = try application(surroundings, instance: 1, settings: settings(delays: [.seconds(300)])) { event, metadata in
            if event.number == 0 { try failing.fail(metadata.id) }
        }
        async let running: Void = first.run(stoppingOn: [], grace: .seconds(1))
        try await surroundings.ready(first)
        try await surroundings.publish(try (0..<5).map { try Placed(order: "k", number: $0).message() })
        try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_waiting") == 5 }
        try await surroundings.kill(first)
        try await running
        let clock = ServiceClock(now: { Date.now + 400 }, sleep: { try await Task.sleep(for: $0) })
        let second = try application(surroundings, instance: 2, settings: settings(), clock: clock) { _, _ in }
        try await surroundings.running(second) {
            try await surroundings.publish(try (5..<8).map { try Placed(order: "k", number: $0).message() })
            try await eventually { try await surroundings.count("SELECT count(*) FROM seen") == 8 }
        }
        #expect(try await surroundings.seen("k") == Array(0..<8))
        await surroundings.close()
    }

    /// Instances come, go in an orderly way, and are killed, while messages stream in, some of which fail at first.
    @Test(.timeLimit(.minutes(4)), arguments: [false, true]) func handOverKeepsTheOrder(isKilled: Bool) async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type], isSingleActiveConsumer: true)
        let (subjects, each) = (5, 40)
        let failing = FailOnce()
        let settings = settings(immediate: 1, delays: [.milliseconds(100)])
        func start(_ instance: Int) throws -> (ServiceApplication, Task<Void, any Error>) {
            let application = try application(surroundings, instance: instance, settings: settings) { event, metadata in
                if event.number % 20 == 7 { try failing.fail(metadata.id, times: 2) }
                try await Task.sleep(for: .milliseconds(1))
            }
            return (application, Task { try await application.run(stoppingOn: [], grace: isKilled ? .milliseconds(200) : .seconds(15)) })
        }
        var instances = [try start(1), try start(2)]
        for instance in instances { try await surroundings.ready(instance.0) }
        let publishing = Task {
            for batch in 0..<8 {
                let numbers = batch * each / 8..<(batch + 1) * each / 8
                try await surroundings.publish(
                    try numbers.flatMap { number in try (0..<subjects).map { try Placed(order: "s\($0)", number: number).message() } })
            }
        }
        for instance in 3...6 {
            let goal = try await surroundings.count("SELECT count(*) FROM seen") + 20
            try await eventually(within: .seconds(60)) {
                try await surroundings.count("SELECT count(*) FROM seen") >= min(goal, subjects * each)
            }
            instances.append(try start(instance))
            try await surroundings.ready(instances[2].0)
            let (oldest, task) = instances.removeFirst()
            if isKilled { try await surroundings.kill(oldest) } else { oldest.shutdown() }
            try await task.value
        }
        try await publishing.value
        try await eventually(within: .seconds(120)) { try await surroundings.count("SELECT count(*) FROM seen") >= subjects * each }
        for (application, task) in instances {
            application.shutdown()
            try await task.value
        }
        for subject in 0..<subjects { #expect(try await surroundings.seen("s\(subject)") == Array(0..<each)) }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox WHERE outcome = 'dead'") == 0)
        await surroundings.close()
    }

    /// The broker hands everything to one instance; with slow handlers the other does its part all the same, and order holds.
    @Test(.timeLimit(.minutes(3))) func instancesShareTheWork() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type], isSingleActiveConsumer: true)
        let handled = Mutex<[Int: Int]>([:])
        let applications = try (1...2).map { instance in
            try application(surroundings, instance: instance, settings: settings(prefetch: 64)) { _, _ in
                try await Task.sleep(for: .milliseconds(60))
                handled.withLock { $0[instance, default: 0] += 1 }
            }
        }
        let (subjects, each) = (40, 8)
        try await surroundings.running(applications[0]) {
            try await surroundings.running(applications[1]) {
                try await surroundings.publish(
                    try (0..<each).flatMap { number in try (0..<subjects).map { try Placed(order: "s\($0)", number: number).message() } })
                try await eventually(within: .seconds(60)) {
                    try await surroundings.count("SELECT count(*) FROM seen") == subjects * each
                }
            }
        }
        let shares = handled.withLock { $0 }
        #expect((shares[1] ?? 0) > subjects && (shares[2] ?? 0) > subjects, "\(shares)")
        for subject in 0..<subjects { #expect(try await surroundings.seen("s\(subject)") == Array(0..<each)) }
        await surroundings.close()
    }
}
