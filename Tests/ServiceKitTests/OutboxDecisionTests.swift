import AMQP
@testable import ServiceKit
import Testing

struct OutboxDecisionTests {
    private func row(_ id: Int, attempts: Int = 0) -> OutboxRow {
        OutboxRow(id: id, eventID: "e\(id)", type: "a", exchange: "x", routingKey: "a", headers: [:], body: [], attempts: attempts)
    }

    @Test func allConfirmed() {
        let decision = OutboxDecision(rows: [row(1), row(2)], results: [.confirmed, .confirmed])
        #expect(decision.confirmed.map(\.id) == [1, 2])
        #expect(!decision.isRollback)
        #expect(decision.failure == nil)
    }

    @Test func nothingWentThrough() {
        let decision = OutboxDecision(rows: [row(1), row(2)], results: [.failed("away"), .failed("late")])
        #expect(decision.isRollback)
        #expect(decision.failure == "away")
    }

    @Test func whatFailedIsKeptWithoutCountingAgainstIt() {
        let decision = OutboxDecision(rows: [row(1), row(2, attempts: 3)], results: [.confirmed, .failed("away")])
        #expect(decision.kept == [row(2, attempts: 3)])
        #expect(!decision.isRollback)
    }

    @Test func theUnroutableWaitsAndHoldsNobodyUp() {
        let decision = OutboxDecision(rows: [row(1), row(2)], results: [.unroutable("NO_ROUTE"), .confirmed])
        #expect(decision.deferred == [.init(row: row(1, attempts: 1), pause: .seconds(1))])
        #expect(decision.confirmed == [row(2)])
        #expect(decision.failure == nil)
    }

    @Test func afterItsAttemptsItIsParked() {
        let last = OutboxDecision.maximumAttempts
        let decision = OutboxDecision(
            rows: [row(1, attempts: last - 1), row(2, attempts: last - 2)], results: [.unroutable("NO_ROUTE"), .unroutable("NO_ROUTE")])
        #expect(decision.parked == [.init(row: row(1, attempts: last), cause: "NO_ROUTE")])
        #expect(decision.deferred.map(\.row.id) == [2])
    }

    @Test func pausesGrowToTheirBound() {
        #expect((1...7).map(OutboxDecision.pause(afterAttempt:)) == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        #expect(OutboxDecision.pause(afterAttempt: .max) == OutboxDecision.longestPause)
    }

    @Test func headersGoThroughTheTable() throws {
        var row = row(1)
        row.headers = ["cloudEvents:subject": "a \"quoted\" \u{1}", "cloudEvents:dataversion": 3]
        #expect(try OutboxRow.headers(json: row.headersJSON) == row.headers)
    }
}
