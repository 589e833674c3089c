import Testing

@testable import Postgres

@Suite struct TransactionRetryTests {
    private func decide(
        _ code: PostgresError.Code, _ phase: TransactionRetry.Phase, attempt: Int = 1, remaining: Duration = .seconds(10)
    ) -> TransactionRetry {
        TransactionRetry.decide(code, in: phase, attempt: attempt, remaining: remaining, jitter: 1)
    }

    @Test(arguments: ["40001", "40P01"])
    func conflictsRunAgainAfterAPause(state: String) {
        #expect(decide(.sqlState(state), .body) == .again(after: .milliseconds(5)))
        #expect(decide(.sqlState(state), .body, attempt: 3) == .again(after: .milliseconds(20)))
        #expect(decide(.sqlState(state), .commit) == .again(after: .milliseconds(5)))
    }

    @Test func aLostConnectionRunsAgainUnlessCommitWasSent() {
        #expect(decide(.connectionLost, .begin) == .again(after: .zero))
        #expect(decide(.connectionLost, .body) == .again(after: .zero))
        #expect(decide(.connectionLost, .commit) == .commitUnknown)
        #expect(decide(.timeout, .commit) == .commitUnknown)
    }

    @Test func nothingRunsAgainPastItsBounds() {
        #expect(decide(.sqlState("40001"), .body, remaining: .milliseconds(5)) == .giveUp)
        #expect(decide(.connectionLost, .body, remaining: .zero) == .giveUp)
        #expect(decide(.sqlState("40001"), .body, attempt: TransactionRetry.maximumAttempts) == .giveUp)
    }

    @Test(arguments: [PostgresError.Code.sqlState("23505"), .timeout, .cancelled, .decoding, .cannotConnect, .closed])
    func otherErrorsAreFinal(code: PostgresError.Code) {
        #expect(decide(code, .body) == .giveUp)
    }

    @Test func pausesGrowToTheirMaximumAndAreSpread() {
        let backoff = Backoff.connecting
        #expect((1...7).map { backoff.pause(after: $0, jitter: 1) } == [50, 100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(backoff.pause(after: 1, jitter: 0) == .milliseconds(25))
        #expect(backoff.pause(after: .max, jitter: 1) == .seconds(1))
    }
}
