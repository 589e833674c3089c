import Testing

@testable import AMQP

struct RecoveryTests {
    private let start = ContinuousClock.now

    @Test func connectsAtOnceAfterTheFirstLoss() {
        var recovery = Recovery()
        #expect(recovery.started() == .connect)
        #expect(recovery.started() == .none)
        recovery.opened(at: start)
        #expect(recovery.failed(at: start + .seconds(60), random: 0.5) == .wait(.zero))
        #expect(recovery.waited() == .connect)
        #expect(recovery.failed(at: start + .seconds(61), random: 0.5) == .wait(.milliseconds(100)))
        #expect(recovery.waited() == .connect)
        recovery.opened(at: start + .seconds(62))
        #expect(recovery.failed(at: start + .seconds(80), random: 0.5) == .wait(.zero))
    }

    @Test func aLinkThatBreaksAtOnceIsNotMadeAnewWithoutAPause() {
        var recovery = Recovery()
        _ = recovery.started()
        var waits: [Duration] = []
        for _ in 0..<4 {
            recovery.opened(at: start)
            if case .wait(let wait) = recovery.failed(at: start + .milliseconds(1), random: 0.5) { waits.append(wait) }
            _ = recovery.waited()
        }
        #expect(waits == [0, 100, 200, 400].map { .milliseconds($0) })
    }

    @Test func doesNothingOnceClosed() {
        var recovery = Recovery()
        _ = recovery.started()
        _ = recovery.failed(at: start, random: 0)
        recovery.closed()
        #expect(recovery.waited() == .none)
        #expect(recovery.failed(at: start, random: 0) == .none)
        #expect(recovery.started() == .none)
    }
}
