import AMQP
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

struct HandlerCostsTests {
    @Test func risingCostsAreBelievedSooner() {
        var costs = HandlerCosts()
        #expect(costs.cost(of: "a") == HandlerCosts.assumed)
        costs.took(.milliseconds(1), type: "a")
        #expect(costs.cost(of: "a") == .milliseconds(1))
        costs.took(.milliseconds(101), type: "a")
        #expect(costs.cost(of: "a") == .milliseconds(51))
        costs.took(.milliseconds(1), type: "a")
        #expect(costs.cost(of: "a") == .milliseconds(46))
        #expect(costs.cost(of: "b") == HandlerCosts.assumed)
        for number in 0..<1000 { costs.took(.zero, type: "\(number)") }
        #expect(costs.cost(of: "999") == HandlerCosts.assumed)
    }
}

struct SharingDecisionTests {
    @Test func keepsWhatItsOwnWorkersSoonHaveDone() {
        #expect(SharingDecision.kept(backlog: 100, workers: 4, cost: .milliseconds(50)) == 8)
        #expect(SharingDecision.kept(backlog: 100, workers: 4, cost: .milliseconds(1)) == nil)
        #expect(SharingDecision.kept(backlog: 100, workers: 4, cost: .seconds(10)) == 4)
        #expect(SharingDecision.kept(backlog: 3, workers: 4, cost: .seconds(10)) == nil)
        #expect(SharingDecision.kept(backlog: 3, workers: 4, cost: .zero) == nil)
    }
}

struct SuspectGateTests {
    private final class Trail: Sendable {
        private let entries = Mutex<[String]>([])
        var steps: [String] { entries.withLock { $0 } }

        func append(_ step: String) {
            entries.withLock { $0.append(step) }
        }
    }

    @Test func aSuspectIsAlone() async throws {
        let gate = SuspectGate()
        let trail = Trail()
        await gate.enter(isExclusive: false)
        await gate.enter(isExclusive: false)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await gate.enter(isExclusive: true)
                trail.append("suspect")
                gate.leave()
            }
            try? await Task.sleep(for: .milliseconds(50))
            group.addTask {
                await gate.enter(isExclusive: false)
                trail.append("batch")
                gate.leave()
            }
            try? await Task.sleep(for: .milliseconds(50))
            gate.leave()
            #expect(trail.steps.isEmpty)
            gate.leave()
        }
        #expect(trail.steps == ["suspect", "batch"])
    }
}

struct WakeUpTests {
    @Test func aCallBeforeTheWaitEndsIt() async {
        let wakeUp = WakeUp()
        wakeUp.wake()
        wakeUp.wake()
        await wakeUp.wait()
        // Both are used up.
        let clock = ContinuousClock.now
        await wakeUp.wait(atMost: .milliseconds(30), clock: .system)
        #expect(clock.duration(to: .now) >= .milliseconds(30))
    }

    @Test func aCallEndsTheWait() async {
        let wakeUp = WakeUp()
        async let waiting: Void = wakeUp.wait(atMost: .seconds(60), clock: .system)
        wakeUp.wake()
        await waiting
    }

    @Test func aCancelledTaskDoesNotWait() async {
        let wakeUp = WakeUp()
        let task = Task { await wakeUp.wait() }
        task.cancel()
        await task.value
    }
}

struct StoredPropertiesTests {
    @Test func everythingGoesThrough() throws {
        let properties = AMQPProperties(
            messageID: "a\0b", correlationID: "c", replyTo: "r", type: "t", contentType: "x", contentEncoding: "y", appID: "z",
            expiration: .milliseconds(1500), timestamp: 5, priority: 7, isPersistent: false,
            headers: [
                "null": .null, "bool": true, "int": -7, "double": .double(.infinity), "string": "é\u{1}😀", "bytes": .bytes([0, 255]),
                "timestamp": .timestamp(9), "array": .array([1, "x", .table(["y": .array([])])]), "table": .table(["int": 1, "s": "t"]),
            ])
        let text = try StoredProperties.text(of: properties)
        #expect(!text.utf8.contains(0))
        #expect(try StoredProperties.properties(text) == properties)
    }
}

struct TimestampArithmeticTests {
    @Test func nothingTraps() {
        let now = Timestamp(microseconds: 1_000_000)
        #expect(now.advanced(by: .milliseconds(1500)).microseconds == 2_500_000)
        #expect(now.advanced(by: .milliseconds(-1500)).microseconds == -500_000)
        #expect(now.advanced(by: .seconds(Int64.max)) == .distantFuture)
        #expect(Timestamp.distantFuture.advanced(by: .seconds(1)) == .distantFuture)
        #expect(now.duration(to: Timestamp(microseconds: 3_000_000)) == .seconds(2))
        #expect(Timestamp(microseconds: .min).duration(to: .distantFuture) > .seconds(1))
    }
}
