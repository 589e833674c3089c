@testable import Supervision
import Testing

@Suite struct ProbeRhythmTests {
    @Test func whatIsUpIsKnownToBeUpAtOnce() {
        var rhythm = ProbeRhythm(period: .seconds(5), jitter: 0, successThreshold: 1, isQuick: true)
        var random = SeededGenerator(seed: 1)
        #expect(rhythm.next(asked: .zero, now: .milliseconds(1), random: &random) == .milliseconds(100))
        let times: [Duration] = [.zero, .milliseconds(100), .seconds(5)]
        let told = times.map { rhythm.isWorthTelling(.failure("no"), at: $0) }
        #expect(told == [true, false, true])
        let isSuccessTold = rhythm.isWorthTelling(.success, at: .seconds(6))
        #expect(isSuccessTold)
        #expect(rhythm.next(asked: .seconds(6), now: .seconds(6), random: &random) == .seconds(11))
        // From now on each failure counts.
        let later = [Duration.seconds(11), .milliseconds(11_001)].map { rhythm.isWorthTelling(.failure("no"), at: $0) }
        #expect(later == [true, true])
    }

    @Test func successesThatTellNothingNewAreNotTold() {
        var rhythm = ProbeRhythm(period: .seconds(1), jitter: 0, successThreshold: 2, isQuick: false)
        let answers: [ProbeAnswer] = [.success, .success, .success, .failure("x"), .success, .success, .success]
        let told = answers.map { rhythm.isWorthTelling($0, at: .zero) }
        #expect(told == [true, true, false, true, true, true, false])
    }

    @Test func aQuestionComesAsMuchEarlierOrLaterAsItsJitterSays() {
        let rhythm = ProbeRhythm(period: .seconds(1), jitter: 0.2, successThreshold: 1, isQuick: false)
        var random = SeededGenerator(seed: 7)
        let times = (0..<1000).map { _ in rhythm.next(asked: .seconds(10), now: .seconds(10), random: &random) - .seconds(10) }
        #expect(times.allSatisfy { $0 >= .milliseconds(800) && $0 <= .milliseconds(1200) })
        #expect((times.min() ?? .zero) <= .milliseconds(850) && (times.max() ?? .zero) >= .milliseconds(1160))
        // One whose answer took longer than the period is asked at once, not twice.
        #expect(rhythm.next(asked: .seconds(10), now: .seconds(15), random: &random) == .seconds(15))
    }

    @Test func deadlinesComeInTheirOrder() {
        var queue = DeadlineQueue<Int>()
        var random = SeededGenerator(seed: 3)
        let deadlines = (0..<500).map { _ in Int.random(in: 0..<1000, using: &random) }
        for deadline in deadlines { queue.insert(deadline, at: .milliseconds(deadline)) }
        #expect(queue.next == .milliseconds(deadlines.min() ?? 0))
        var due: [Int] = []
        while let next = queue.popDue(at: .milliseconds(500)) { due.append(next) }
        #expect(due == deadlines.filter { $0 <= 500 }.sorted())
        #expect(queue.count == deadlines.count { $0 > 500 })
        let next = queue.popDue(at: .milliseconds(500))
        #expect(next == nil)
    }
}
