import AMQP
@testable import ServiceKit
import Testing

struct OutboxPipelineTests {
    private func row(_ id: Int, _ key: String = "", attempts: Int = 0, refusals: Int = 0) -> OutboxRow {
        OutboxRow(
            id: id, eventID: "e\(id)", type: "a", exchange: "x", routingKey: "a", headers: [:], body: [], orderingKey: key,
            attempts: attempts, refusals: refusals)
    }

    private func pipeline(_ rows: [OutboxRow], limits: OutboxPipeline.Limits = .init()) -> OutboxPipeline {
        var pipeline = OutboxPipeline(limits: limits)
        pipeline.add(rows)
        return pipeline
    }

    @Test func whatHasNoKeyGoesAtOnce() {
        var pipeline = pipeline([row(1), row(2), row(3)])
        #expect(pipeline.takeReady().map(\.id) == [1, 2, 3])
        #expect(pipeline.takeReady().isEmpty)
        pipeline.settle(2, .confirmed)
        #expect(pipeline.confirmed.map(\.id) == [2])
        pipeline.deleted(pipeline.confirmed)
        #expect(pipeline.heldIDs.sorted() == [1, 3])
        #expect(pipeline.inFlight == 2)
    }

    @Test func oneOfAKeyIsSentAtATime() {
        var pipeline = pipeline([row(1, "k"), row(2, "k"), row(3, "l")])
        #expect(pipeline.takeReady().map(\.id) == [1, 3])
        pipeline.settle(3, .confirmed)
        #expect(pipeline.takeReady().isEmpty)
        pipeline.settle(1, .confirmed)
        #expect(pipeline.takeReady().map(\.id) == [2])
    }

    @Test func whatIsReturnedKeepsItsKeyBackAndNobodyElse() {
        var pipeline = pipeline([row(1, "k"), row(2, "k"), row(3, "l"), row(4)])
        _ = pipeline.takeReady()
        pipeline.settle(1, .unroutable("NO_ROUTE"))
        #expect(pipeline.putOffs == [.init(row: row(1, "k", attempts: 1), pause: .seconds(1), cause: "NO_ROUTE")])
        #expect(pipeline.heldIDs.sorted() == [3, 4])
        #expect(pipeline.takeReady().isEmpty)
        pipeline.putOffAndParked()
        pipeline.settle(3, .confirmed)
        pipeline.settle(4, .confirmed)
        pipeline.deleted(pipeline.confirmed)
        #expect(pipeline.isEmpty)
    }

    @Test func afterItsAttemptsTheUnroutableIsParkedAndTheRefusedNever() {
        let last = OutboxPipeline.maximumAttempts
        var pipeline = pipeline([row(1, attempts: last - 1), row(2, refusals: 1000), row(3, refusals: .max)])
        _ = pipeline.takeReady()
        pipeline.settle(1, .unroutable("NO_ROUTE"))
        pipeline.settle(2, .refused("nack"))
        pipeline.settle(3, .refused("nack"))
        #expect(pipeline.parkings == [.init(row: row(1, attempts: last), cause: "NO_ROUTE")])
        #expect(pipeline.putOffs.map(\.row.refusals) == [1001, .max])
        #expect(pipeline.putOffs.map(\.pause) == [OutboxPipeline.longestPause, OutboxPipeline.longestPause])
    }

    @Test func whenNothingGoesThroughWhatWasNotSentIsForgotten() {
        var pipeline = pipeline([row(1, "k"), row(2, "k"), row(3)], limits: .init(inFlight: 1))
        #expect(pipeline.takeReady().map(\.id) == [1])
        pipeline.dropWaiting()
        #expect(pipeline.heldIDs == [1])
        // It is read again, behind the one that is out.
        pipeline.add([row(2, "k"), row(3)])
        #expect(pipeline.takeReady().isEmpty)
        pipeline.settle(1, .away("gone"))
        #expect(pipeline.takeReady().map(\.id) == [3])
        #expect(pipeline.heldIDs == [3])
        #expect(!pipeline.hasChanges)
    }

    @Test func aBusyKeyLeavesRoomForOthers() {
        let limits = OutboxPipeline.Limits(inFlight: 10, held: 100, heldOfKey: 4)
        var pipeline = pipeline((1...20).map { row($0, "k") }, limits: limits)
        #expect(pipeline.heldIDs.sorted() == [1, 2, 3, 4])
        #expect(pipeline.fullKeys == ["k"])
        #expect(pipeline.hasRoomForDeclined)
        pipeline.add([row(30, "l")])
        #expect(!pipeline.hasRoomForDeclined)
        #expect(pipeline.takeReady().map(\.id) == [1, 30])
        pipeline.settle(1, .confirmed)
        #expect(pipeline.takeReady().map(\.id) == [2])
        #expect(pipeline.fullKeys == ["k"])
        pipeline.settle(2, .confirmed)
        // Two of four are left: the next are read.
        #expect(pipeline.fullKeys.isEmpty)
        #expect(pipeline.hasRoomForDeclined)
    }

    /// Whatever the broker says, and in whatever order it says it: of one key nothing is confirmed before what stands before it.
    @Test(arguments: 0..<20) func orderHoldsForAnyAnswers(_ seed: UInt64) {
        var random = SplitMix(seed)
        var table = (1...200).map { row($0, ["", "a", "b", "c"].randomElement(using: &random) ?? "") }
        let keys = Dictionary(uniqueKeysWithValues: table.map { ($0.id, $0.orderingKey) })
        var pipeline = OutboxPipeline(limits: .init(inFlight: 8, held: 24, heldOfKey: 5))
        var (sent, confirmed): ([Int], [Int]) = ([], [])
        var blocked: [String: Int] = [:]
        for turn in 0..<100_000 where !table.isEmpty {
            let held = Set(pipeline.heldIDs)
            let rows = table.filter { row in
                !held.contains(row.id)
                    && (row.orderingKey.isEmpty || !pipeline.fullKeys.contains(row.orderingKey) && blocked[row.orderingKey] == nil)
            }
            if pipeline.room > 0 { pipeline.add(Array(rows.prefix(pipeline.room))) }
            sent += pipeline.takeReady().map(\.id)
            if let id = sent.randomElement(using: &random) {
                sent.removeAll { $0 == id }
                let result: OutboxResult =
                    switch UInt8.random(in: 0..<10, using: &random) {
                    case 0: .unroutable("")
                    case 1: .refused("")
                    case 2: .away("")
                    default: .confirmed
                    }
                if result == .confirmed { confirmed.append(id) }
                if case .away = result { pipeline.dropWaiting() }
                pipeline.settle(id, result)
            }
            for putOff in pipeline.putOffs where !putOff.row.orderingKey.isEmpty { blocked[putOff.row.orderingKey] = turn }
            let parked = Set(pipeline.parkings.map(\.row.id))
            table.removeAll { parked.contains($0.id) }
            pipeline.putOffAndParked()
            if turn.isMultiple(of: 3) { blocked = [:] }
            let gone = pipeline.confirmed
            table.removeAll { row in gone.contains { $0.id == row.id } }
            pipeline.deleted(gone)
        }
        #expect(table.isEmpty)
        #expect(pipeline.isEmpty)
        for key in ["a", "b", "c"] {
            let order = confirmed.filter { keys[$0] == key }
            #expect(order == order.sorted())
        }
    }

    @Test func pausesGrowToTheirBound() {
        #expect((1...7).map(OutboxPipeline.pause(afterAttempt:)) == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        #expect(OutboxPipeline.pause(afterAttempt: .max) == OutboxPipeline.longestPause)
    }

    @Test func resultsByTheBrokersErrors() {
        #expect(OutboxResult(nil) == .confirmed)
        #expect(OutboxResult(AMQPError(.unroutable("NO_ROUTE"), "")) == .unroutable("NO_ROUTE"))
        for code: AMQPError.Code in [.nacked, .notFound, .deadlineExceeded, .accessRefused] {
            #expect(OutboxResult(AMQPError(code, "why")) == .refused("why"))
        }
        for code: AMQPError.Code in [.notConnected, .blocked, .closed] { #expect(OutboxResult(AMQPError(code, "why")) == .away("why")) }
    }

    @Test func headersGoThroughTheTable() throws {
        var row = row(1)
        row.headers = ["cloudEvents:subject": "a \"quoted\" \\ \u{1} é 😀", "cloudEvents:dataversion": -3]
        #expect(try OutboxRow.headers(json: row.headersJSON) == row.headers)
        #expect(throws: ServiceError.self) { try OutboxRow.headers(json: "[1]") }
    }
}
