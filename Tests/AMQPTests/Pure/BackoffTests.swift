import Testing

@testable import AMQP

struct BackoffTests {
    @Test func isAtOnceAndThenDoublesToTheLongest() {
        var backoff = Backoff()
        let delays = (0..<9).map { _ in backoff.next(random: 0.5) }
        #expect(delays == [0, 100, 200, 400, 800, 1500, 1500, 1500, 1500].map { .milliseconds($0) })
        backoff.reset()
        #expect(backoff.next(random: 0.5) == .zero)
    }

    @Test func isJitteredByAQuarter() {
        var (short, long) = (Backoff(), Backoff())
        _ = (short.next(random: 0), long.next(random: 0))
        #expect(short.next(random: 0) == .milliseconds(75))
        #expect(long.next(random: 1) == .milliseconds(125))
    }

    @Test func staysTheLongestHoweverManyFailures() {
        var backoff = Backoff()
        for _ in 0..<10_000 { _ = backoff.next(random: 0.5) }
        #expect(backoff.next(random: 0.5) == .milliseconds(1500))
    }
}
