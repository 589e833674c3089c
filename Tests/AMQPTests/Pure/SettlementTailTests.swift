import Testing

@testable import AMQP

struct SettlementTailTests {
    private let start = ContinuousClock.now

    @Test func nothingSettledNeedsNoTime() {
        #expect(SettlementTail().linger(at: start) == .zero)
    }

    @Test func growsWithWhatWasSettledAndPasses() {
        var tail = SettlementTail()
        tail.sent(1, at: start)
        #expect(tail.linger(at: start) == .milliseconds(10))
        #expect(tail.linger(at: start + .milliseconds(4)) == .milliseconds(6))
        #expect(tail.linger(at: start + .milliseconds(11)) == .zero)
        tail.sent(200, at: start + .milliseconds(20))
        #expect(tail.linger(at: start + .milliseconds(20)) == .milliseconds(70))
        tail.sent(1_000_000, at: start + .milliseconds(20))
        #expect(tail.linger(at: start + .milliseconds(20)) == .seconds(1))
    }

    @Test func forgetsWhatIsLongOver() {
        var tail = SettlementTail()
        tail.sent(1_000_000, at: start)
        tail.sent(1, at: start + .seconds(2))
        #expect(tail.linger(at: start + .seconds(2)) == .milliseconds(10))
    }
}
