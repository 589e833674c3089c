import AMQP
@testable import ServiceKit
import Testing

struct RetryDecisionTests {
    let settings = QueueSettings(prefetch: 1, immediate: 2, delays: [.seconds(1), .seconds(5)], retryExchange: "x")

    @Test func immediateAttemptsThenTheLadderThenTheDeadLetters() {
        let decisions = (1...6).map { RetryDecision.afterFailure(attempts: $0, settings: settings) }
        #expect(
            decisions == [
                .attemptAgain(after: .milliseconds(50)), .attemptAgain(after: .milliseconds(100)), .retryLater(rung: 0),
                .retryLater(rung: 1),
                .deadLetter, .deadLetter,
            ])
    }

    @Test func withoutLadderOrImmediateAttempts() {
        #expect(RetryDecision.afterFailure(attempts: 1, settings: QueueSettings(immediate: 0)) == .deadLetter)
        #expect(
            RetryDecision.afterFailure(attempts: 1, settings: QueueSettings(immediate: 0, delays: [.seconds(1)])) == .retryLater(rung: 0))
    }

    @Test func pausesAreBounded() {
        let settings = QueueSettings(immediate: 1000)
        #expect(RetryDecision.afterFailure(attempts: 900, settings: settings) == .attemptAgain(after: RetryDecision.longestPause))
    }

    @Test func nonsenseCountsDoNotTrap() {
        #expect(FailureRecord.attempts(of: [FailureRecord.attemptsHeader: .int(.max)]) == Int(Int32.max))
        #expect(FailureRecord.attempts(of: [FailureRecord.attemptsHeader: .int(-3)]) == 0)
        #expect(FailureRecord.attempts(of: [FailureRecord.attemptsHeader: .string("many")]) == 0)
        #expect(RetryDecision.afterFailure(attempts: Int(Int32.max), settings: settings) == .deadLetter)
    }
}
