import AMQP
import Foundation
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

struct ScheduledTests {
    @Test(.timeLimit(.minutes(1))) func goesWhenItIsDueAndNotBefore() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            let database = try application.database
            let begin = Date.now
            let cancelled = try await database.transaction { transaction in
                try await transaction.publish(Placed(order: "o", number: 2), after: .seconds(2))
                try await transaction.publish(Placed(order: "o", number: 1), at: begin + 1)
                return try await transaction.publish(Placed(order: "o", number: 9), after: .milliseconds(1500))
            }
            for isThere in [true, false] {
                let isCancelled = try await database.transaction { try await $0.cancelScheduled(cancelled) }
                #expect(isCancelled == isThere)
            }
            for number in 1...2 {
                let message = try await surroundings.take(from: "mail.orders")
                #expect(try JSONDecoder().decode(Placed.self, from: Data(message.body)).number == number)
                let late = Date.now.timeIntervalSince(begin) - Double(number)
                #expect(late >= 0 && late < 1, "\(late) s late")
            }
            await #expect(throws: ServiceError.self) {
                try await database.transaction { _ = try await $0.publish(Placed(order: "o", number: 3), after: .seconds(30 * 86_400 + 2)) }
            }
        }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_scheduled") == 0)
        await surroundings.close()
    }

    /// Thirty days, a restart and a killed instance lie between.
    @Test(.timeLimit(.minutes(1))) func survivesEverything() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let offset = Mutex<TimeInterval>(0)
        let clock = ServiceClock(now: { Date.now + offset.withLock { $0 } }, sleep: { try await Task.sleep(for: $0) })
        func application(_ instance: Int) throws -> ServiceApplication {
            try ServiceApplication(
                environment: try surroundings.environment("order") { $0.instance = instance }, logger: surroundings.logger, clock: clock)
        }
        let first = try application(1)
        async let running: Void = first.run(stoppingOn: [], grace: .seconds(1))
        try await surroundings.ready(first)
        try await first.database.transaction { _ = try await $0.publish(Placed(order: "o", number: 7), after: .seconds(30 * 86_400)) }
        try await surroundings.kill(first)
        try await running
        try await surroundings.running(try application(2)) {}
        offset.withLock { $0 = 30 * 86_400 - 60 }
        try await surroundings.running(try application(3)) {
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_scheduled") == 1)
            offset.withLock { $0 = 30 * 86_400 + 1 }
            let message = try await surroundings.take(from: "mail.orders")
            #expect(try JSONDecoder().decode(Placed.self, from: Data(message.body)).number == 7)
        }
        await surroundings.close()
    }
}
