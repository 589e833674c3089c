import FoundationEssentials
import ServiceTestKit
import Synchronization
import Testing

struct TestClockTests {
    @Test func sleepersWakeInTheOrderOfTheirDeadlines() async throws {
        let clock = TestClock()
        let woken = Recorder<Int>()
        await withDiscardingTaskGroup { group in
            for seconds in [5, 1, 3, 2, 4] {
                group.addTask {
                    try? await clock.sleep(for: .seconds(seconds))
                    woken.add(seconds)
                }
            }
            try? await waitUntil { clock.sleeperCount == 5 }
            await clock.advance(by: .seconds(3))
            try? await waitUntil { woken.all.count == 3 }
            #expect(woken.all == [1, 2, 3])
            await clock.advance(by: .seconds(2))
        }
        #expect(woken.all == [1, 2, 3, 4, 5])
        #expect(clock.offset == .seconds(5))
        #expect(clock.now == TestClock.defaultStart.addingTimeInterval(5))
    }

    @Test func whatSleepsAgainWithinAnAdvanceWakesAgain() async throws {
        let clock = TestClock()
        let ticks = Recorder<Duration>()
        let task = Task {
            while true {
                try await clock.sleep(for: .seconds(1))
                ticks.add(clock.offset)
            }
        }
        try await waitUntil { clock.sleeperCount == 1 }
        try await clock.advance(atMost: .seconds(60)) { ticks.all.count >= 5 }
        #expect(ticks.all.prefix(5) == [.seconds(1), .seconds(2), .seconds(3), .seconds(4), .seconds(5)])
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func aCancelledSleepThrowsAtOnce() async throws {
        let clock = TestClock()
        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await before.value }
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        try await waitUntil { clock.sleeperCount == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await clock.sleep(for: .zero)
    }

    @Test(.timeLimit(.minutes(1))) func aMonthPassesInSeconds() async throws {
        let clock = TestClock()
        let task = Task { while true { try await clock.sleep(for: .seconds(1)) } }
        try await waitUntil { clock.sleeperCount == 1 }
        await clock.advance(by: .seconds(30 * 86_400))
        #expect(clock.offset == .seconds(30 * 86_400))
        task.cancel()
        _ = await task.result
    }

    @Test func aConditionThatNeverHoldsIsAnError() async {
        let clock = TestClock()
        await #expect(throws: TestKitError.self) {
            try await clock.advance(until: "the impossible", atMost: .seconds(3), patience: .milliseconds(20)) { false }
        }
        #expect(clock.offset == .seconds(3))
    }
}
