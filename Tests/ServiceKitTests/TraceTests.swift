@testable import ServiceKit
import Testing

struct TraceTests {
    @Test func aChildStaysInItsTrace() throws {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        let child = Trace.child(of: parent)
        #expect(child.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(child.spanID != "b7ad6b7169203331")
        #expect(child.flags == "00")
        #expect(Trace(child.traceparent) == child)
    }

    @Test(arguments: [
        nil, "", "00", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    ])
    func aBrokenParentIsAsNone(text: String?) {
        #expect(Trace(text) == nil)
        #expect(Trace(Trace.child(of: text).traceparent) != nil)
    }

    @Test func laterVersionsMayCarryMore() {
        #expect(Trace("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more") != nil)
    }
}
