import Testing

@testable import TraceStore

@Suite struct TraceSamplingTests {
    private let sampled = SpanContext(traceID: .random(), spanID: .random(), isSampled: true)
    private let unsampled = SpanContext(traceID: .random(), spanID: .random(), isSampled: false)

    @Test func theParentDecides() {
        for name in ["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio", nil] {
            let sampling = TraceSampling(sampler: name, argument: "0.5")
            #expect(sampling.isSampled(traceID: .random(), parent: sampled, cause: .work))
            #expect(!sampling.isSampled(traceID: .random(), parent: unsampled, cause: .work))
        }
        #expect(TraceSampling(sampler: "always_on", argument: nil).isSampled(traceID: .random(), parent: unsampled, cause: .work))
        #expect(!TraceSampling(sampler: "always_off", argument: nil).isSampled(traceID: .random(), parent: sampled, cause: .work))
    }

    @Test func atTheEdgeAClientDecidesOnlyWhereTheHostSaysSo() {
        let budgeted = TraceSampling(sampler: nil, argument: nil)
        #expect(budgeted.isSampledAtEdge(traceID: .random(), parent: unsampled, cause: .work))
        let standard = TraceSampling(sampler: "parentbased_always_on", argument: nil)
        #expect(!standard.isSampledAtEdge(traceID: .random(), parent: unsampled, cause: .work))
    }

    @Test func aShareIsTheSameForEveryProcess() {
        let (one, other) = (
            TraceSampling(sampler: "traceidratio", argument: "0.25"), TraceSampling(sampler: "traceidratio", argument: "0.25")
        )
        let ids = (0..<20_000).map { _ in TraceID.random() }
        let chosen = ids.filter { one.isSampled(traceID: $0, parent: nil, cause: .work) }
        #expect(chosen == ids.filter { other.isSampled(traceID: $0, parent: nil, cause: .work) })
        #expect((4_500...5_500).contains(chosen.count))
        #expect(
            ids.filter { TraceSampling(sampler: "traceidratio", argument: "0").isSampled(traceID: $0, parent: nil, cause: .work) }.isEmpty)
        #expect(ids.allSatisfy { TraceSampling(sampler: "traceidratio", argument: "x").isSampled(traceID: $0, parent: nil, cause: .work) })
    }

    @Test func readsLeaveRoomForWork() {
        let budget = TraceBudget()
        #expect((0..<5000).count { _ in budget.take(for: .read, second: 7) } == TraceBudget.reads)
        #expect((0..<5000).count { _ in budget.take(for: .work, second: 7) } == TraceBudget.work)
        #expect(budget.take(for: .read, second: 8))
    }
}
