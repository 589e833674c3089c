import Testing

@testable import Redis

@Suite struct InFlightTests {
    private let start = ContinuousClock.now

    private func filled(_ count: Int) -> InFlight<Int> {
        var inFlight = InFlight<Int>()
        for number in 0..<count { inFlight.append(UInt64(number), deadline: start + .seconds(number), waiter: number) }
        return inFlight
    }

    @Test func answersComeInTheOrderOfTheCommands() {
        var inFlight = filled(5000)
        for number in 0..<5000 {
            let waiter = inFlight.answered()
            #expect(waiter == .some(.some(number)))
        }
        #expect(inFlight.isEmpty)
        let unexpected = inFlight.answered()
        #expect(unexpected == nil)
    }

    @Test func anAbandonedCommandsAnswerStillTakesItsTurn() {
        var inFlight = filled(2)
        let abandoned = inFlight.abandon(0)
        let again = inFlight.abandon(0)
        #expect(abandoned == 0 && again == nil)
        let first = inFlight.answered()
        let second = inFlight.answered()
        #expect(first == .some(nil) && second == .some(1))
    }

    @Test func theOldestExpireFirstAndOnce() {
        var inFlight = filled(4)
        let expired = inFlight.expired(at: start + .seconds(1))
        #expect(expired == [0, 1])
        let again = inFlight.expired(at: start + .seconds(1))
        #expect(again.isEmpty)
        #expect(inFlight.nextDeadline == start + .seconds(2))
        #expect(inFlight.count == 4)
        let rest = inFlight.removeAll()
        #expect(rest == [2, 3] && inFlight.isEmpty)
    }

    @Test func pausesBeforeConnectingAgainGrowAndAreSpread() {
        #expect(ReconnectBackoff.pause(failures: 0, jitter: 0) == .zero)
        #expect(
            (1...7).map { ReconnectBackoff.pause(failures: $0, jitter: 0) }
                == [100, 200, 400, 800, 1600, 3200, 5000].map { .milliseconds($0) })
        #expect(ReconnectBackoff.pause(failures: .max, jitter: 1) == .milliseconds(2500))
    }
}
