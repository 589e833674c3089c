import Testing

@testable import ServiceKit

@Suite struct WorkerLimitTests {
    private let start = ContinuousClock.now

    @Test func contentionHalvesAndTrialsComeLaterEachTime() {
        var limit = WorkerLimit(maximum: 6)
        #expect(limit.value == 6)
        func contended(_ seconds: Double, beside others: Int = 1) {
            limit.ended(waited: .milliseconds(30), of: .milliseconds(60), beside: others, at: start + .seconds(seconds))
        }
        contended(0)
        contended(0)
        #expect(limit.value == 1)
        // Alone, nobody of this process can be waited for.
        contended(0.5, beside: 0)
        #expect(limit.value == 1)
        contended(1, beside: 0)
        #expect(limit.value == 2, "a trial")
        contended(1.1)
        #expect(limit.value == 1)
        contended(2.2, beside: 0)
        #expect(limit.value == 1, "the next trial comes later")
        contended(3.1, beside: 0)
        #expect(limit.value == 2)
    }

    @Test func withoutContentionAllWork() {
        var limit = WorkerLimit(maximum: 6)
        limit.ended(waited: .milliseconds(30), of: .milliseconds(40), beside: 5, at: start)
        #expect(limit.value == 3)
        for second in 1...10 { limit.ended(waited: .zero, of: .milliseconds(40), beside: 2, at: start + .seconds(second)) }
        #expect(limit.value == 6)
    }

    @Test func shortWaitsAreNoContention() {
        var limit = WorkerLimit(maximum: 6)
        limit.ended(waited: .milliseconds(2), of: .milliseconds(4), beside: 5, at: start)
        limit.ended(waited: .milliseconds(30), of: .seconds(1), beside: 5, at: start)
        #expect(limit.value == 6)
    }
}

@Suite struct StatementNeedsTests {
    @Test func whatIsBeyondTheShortestTimeIsExcess() {
        let needs = StatementNeeds()
        #expect(needs.excess(of: .milliseconds(2), sql: "a") == .zero)
        #expect(needs.excess(of: .milliseconds(10), sql: "a") == .milliseconds(8))
        #expect(needs.excess(of: .milliseconds(1), sql: "a") == .zero)
        #expect(needs.excess(of: .milliseconds(5), sql: "a") == .milliseconds(4))
        #expect(needs.excess(of: .milliseconds(5), sql: "b") == .zero)
    }

    @Test func aStatementThatGrewSlowerIsBelievedInTheEnd() {
        let needs = StatementNeeds()
        _ = needs.excess(of: .milliseconds(1), sql: "a")
        for _ in 1...1000 { _ = needs.excess(of: .milliseconds(100), sql: "a") }
        #expect(needs.excess(of: .milliseconds(100), sql: "a") < .milliseconds(1))
    }

    @Test func onlySoManyAreToldApart() {
        let needs = StatementNeeds()
        for number in 0..<StatementNeeds.maximumStatements { _ = needs.excess(of: .milliseconds(1), sql: "\(number)") }
        for _ in 1...2 { #expect(needs.excess(of: .seconds(1), sql: "another") == .zero) }
    }
}
