@testable import ServiceKit
import Testing

struct SerialLanesTests {
    @Test func oneAtATimeInOrderWithinALane() {
        var lanes = SerialLanes<String, Int>()
        #expect(lanes.enter(1, lane: "a") == 1)
        #expect(lanes.enter(2, lane: "a") == nil)
        #expect(lanes.enter(3, lane: "a") == nil)
        #expect(lanes.leave("a") == 2)
        #expect(lanes.enter(4, lane: "a") == nil)
        #expect(lanes.leave("a") == 3)
        #expect(lanes.leave("a") == 4)
        #expect(lanes.leave("a") == nil)
        #expect(lanes.isEmpty)
    }

    @Test func lanesDoNotWaitForOneAnother() {
        var lanes = SerialLanes<String, Int>()
        #expect(lanes.enter(1, lane: "a") == 1)
        #expect(lanes.enter(2, lane: "b") == 2)
        #expect(lanes.leave("b") == nil)
        #expect(!lanes.isEmpty)
        #expect(lanes.enter(3, lane: "b") == 3)
    }

    @Test func leavingAFreeLaneIsNoMatter() {
        var lanes = SerialLanes<String, Int>()
        #expect(lanes.leave("a") == nil)
    }
}
