import Testing
import Tracing
import TraceStore

@Suite struct SpanContextTests {
    private static let sample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func aTraceparentIsReadAndWrittenAsItIs() throws {
        let context = try #require(SpanContext(traceparent: Self.sample))
        #expect(context.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanID.description == "b7ad6b7169203331")
        #expect(context.isSampled)
        #expect(context.traceparent == Self.sample)
        let other = "00-00000000000000000000000000000001-0000000000000001-00"
        #expect(SpanContext(traceparent: other)?.traceparent == other)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x", "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more", "00-0af7651916cd43dd8448eb211c80319cöb7ad6b716920333-01",
    ])
    func aBrokenOneIsAsNone(text: String) {
        #expect(SpanContext(traceparent: text) == nil)
    }

    @Test func aLaterVersionIsReadByItsFirstFields() {
        let context = SpanContext(traceparent: "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more")
        #expect(context?.traceparent == Self.sample)
    }

    @Test func aStateThatIsTooLongIsLeftOut() {
        #expect(SpanContext(traceparent: Self.sample, state: "a=1,b=2")?.state == "a=1,b=2")
        #expect(SpanContext(traceparent: Self.sample, state: String(repeating: "a", count: 513))?.state == nil)
        #expect(SpanContext(traceparent: Self.sample, state: "")?.state == nil)
    }

    @Test func identifiersDiffer() {
        #expect(Set((0..<10_000).map { _ in TraceID.random() }).count == 10_000)
        #expect(Set((0..<10_000).map { _ in SpanID.random() }).count == 10_000)
    }
}
