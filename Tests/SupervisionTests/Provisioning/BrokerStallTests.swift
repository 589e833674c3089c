import Testing

@testable import Supervision

@Suite struct BrokerStallTests {
    private let start = ContinuousClock.now

    private func isDue(_ stall: inout BrokerStall, _ now: ContinuousClock.Instant) -> Bool { stall.takeIsDue(at: now) }

    @Test func itIsDueOnceAfterAWhileAndNotAgainSoon() {
        var stall = BrokerStall()
        stall.observe(true, at: start)
        #expect(isDue(&stall, start + .seconds(11)) == false)
        stall.observe(true, at: start + .seconds(20))
        #expect(isDue(&stall, start + .seconds(20)) == true)
        stall.observe(true, at: start + .seconds(27))
        #expect(isDue(&stall, start + .seconds(60)) == false)
        #expect(isDue(&stall, start + .seconds(320)) == true)
    }

    @Test func oneQueueThatIsUpBeginsTheWaitAnew() {
        var stall = BrokerStall()
        stall.observe(true, at: start)
        stall.observe(false, at: start + .seconds(10))
        stall.observe(true, at: start + .seconds(15))
        #expect(isDue(&stall, start + .seconds(25)) == false)
        #expect(isDue(&stall, start + .seconds(35)) == true)
    }
}
