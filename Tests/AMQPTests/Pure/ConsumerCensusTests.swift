import Testing

@testable import AMQP

struct ConsumerCensusTests {
    private let start = ContinuousClock.now

    private func later(_ milliseconds: Double) -> ContinuousClock.Instant {
        start + .microseconds(Int64(milliseconds * 1000))
    }

    @Test func asksOnceForAllThatWait() {
        var census = ConsumerCensus()
        #expect(census.decide("q", at: start) == .init(standing: .unknown, isQuestionDue: true))
        #expect(census.decide("q", at: later(1)) == .init(standing: .unknown))
        #expect(census.decide("other", at: later(1)) == .init(standing: .unknown, isQuestionDue: true))
        census.answered("q", isConsumed: true)
        #expect(census.decide("q", at: later(2)) == .init(standing: .consumed))
    }

    @Test func anAnswerIsAsOldAsItsQuestionAndRenewedWhileItIsGood() {
        var census = ConsumerCensus()
        _ = census.decide("q", at: start)
        census.answered("q", isConsumed: true)
        #expect(census.decide("q", at: later(6.9)) == .init(standing: .consumed))
        #expect(census.decide("q", at: later(7)) == .init(standing: .consumed, isQuestionDue: true))
        #expect(census.decide("q", at: later(9)) == .init(standing: .consumed))
        #expect(census.decide("q", at: later(10)) == .init(standing: .unknown))
        census.answered("q", isConsumed: true)
        #expect(census.decide("q", at: later(14)) == .init(standing: .consumed, isQuestionDue: true))
        census.answered("q", isConsumed: true)
        #expect(census.decide("q", at: later(24)) == .init(standing: .unknown, isQuestionDue: true))
    }

    @Test func noConsumerIsNotRemembered() {
        var census = ConsumerCensus()
        _ = census.decide("q", at: start)
        census.answered("q", isConsumed: false)
        #expect(census.decide("q", at: later(0.1)) == .init(standing: .unknown, isQuestionDue: true))
        census.lostQuestions()
        #expect(census.decide("q", at: later(0.2)) == .init(standing: .unknown, isQuestionDue: true))
        census.answered("never asked about", isConsumed: true)
        #expect(census.decide("never asked about", at: later(0.3)).standing == .unknown)
    }

    @Test func remembersABoundedNumberOfQueues() {
        var census = ConsumerCensus()
        for number in 0..<(3 * ConsumerCensus.maximumQueues) {
            _ = census.decide("q\(number)", at: later(Double(number)))
            census.answered("q\(number)", isConsumed: true)
        }
        #expect(census.count <= ConsumerCensus.maximumQueues)
    }
}
