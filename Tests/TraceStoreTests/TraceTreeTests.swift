import Testing

@testable import TraceStore

@Suite struct TraceTreeTests {
    private let trace = TraceID.random()
    private let ids = (1...9).compactMap { SpanID(UInt64($0)) }

    private func shape(_ tree: TraceTree) -> [[String]] {
        tree.traces.map { trace in trace.rows.map { String(repeating: " ", count: $0.depth) + $0.span.name } }
    }

    @Test func eachStandsBelowTheOneThatCausedItInTheOrderOfTime() {
        let tree = TraceTree([
            recorded("mail", trace: trace, id: ids[4], parent: ids[3], start: 50, end: 60),
            recorded("sql", trace: trace, id: ids[2], parent: ids[1], start: 12, end: 14),
            recorded("process", trace: trace, id: ids[3], parent: ids[1], start: 20, end: 40),
            recorded("order", trace: trace, id: ids[1], parent: ids[0], start: 11, end: 19),
            recorded("POST", trace: trace, id: ids[0], start: 10, end: 20),
        ])
        #expect(shape(tree) == [["POST", " order", "  sql", "  process", "   mail"]])
        #expect(tree.traces.first?.start == 10 && tree.traces.first?.end == 60)
        #expect(
            tree.traces.first?.rows.map(\.continues) == [
                [false], [false, false], [false, false, true], [false, false, false], [false, false, false, false],
            ])
    }

    @Test func anOrphanIsARootAndSaysSo() {
        let tree = TraceTree([
            recorded("late", trace: trace, id: ids[1], parent: ids[7], start: 30), recorded("early", trace: trace, id: ids[0], start: 10),
        ])
        #expect(shape(tree) == [["early", "late"]])
        #expect(tree.traces.first?.rows.map(\.isOrphan) == [false, true])
    }

    @Test func ringsAndDoublesEnd() {
        let tree = TraceTree([
            recorded("a", trace: trace, id: ids[0], parent: ids[1], start: 1),
            recorded("b", trace: trace, id: ids[1], parent: ids[0], start: 2),
            recorded("self", trace: trace, id: ids[2], parent: ids[2], start: 3), recorded("self", trace: trace, id: ids[2], start: 3),
        ])
        #expect(shape(tree) == [["self", "a", " b"]])
    }

    @Test func aLongChainIsNoTrouble() {
        let chain = (1...20_000).compactMap { number in
            SpanID(UInt64(number)).map { recorded("n", trace: trace, id: $0, parent: SpanID(UInt64(number - 1)), start: UInt64(number)) }
        }
        #expect(TraceTree(chain).traces.first?.rows.count == 20_000)
    }

    @Test func tracesAreInTheOrderOfTime() {
        let other = TraceID.random()
        let tree = TraceTree([
            recorded("second", trace: trace, id: ids[0], start: 20), recorded("first", trace: other, id: ids[0], start: 10),
        ])
        #expect(shape(tree) == [["first"], ["second"]])
        #expect(TraceTree([]).traces.isEmpty)
    }
}
