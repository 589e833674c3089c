import Testing

@testable import AMQP

struct UnsettledTagsTests {
    private func delivered(_ count: UInt64) -> UnsettledTags {
        var tags = UnsettledTags()
        for tag in 1...count { tags.delivered(tag) }
        return tags
    }

    @Test func oneAcknowledgementServesAllThatLead() {
        var tags = delivered(6)
        for tag in [3, 1, 2, 5] as [UInt64] { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [.init(tag: 3, isMultiple: true), .init(tag: 5)])
        #expect(tags.takeAcknowledgements() == [])
        tags.acknowledge(4)
        #expect(tags.takeAcknowledgements() == [.init(tag: 4)])
        #expect(!tags.isEmpty)
        tags.acknowledge(6)
        #expect(tags.takeAcknowledgements() == [.init(tag: 6)])
        #expect(tags.isEmpty)
    }

    @Test func oneThatIsHeldIsNotAcknowledgedWithThoseBehindIt() {
        var tags = delivered(4)
        for tag in 2...4 as ClosedRange<UInt64> { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [.init(tag: 2), .init(tag: 3), .init(tag: 4)])
        tags.acknowledge(1)
        #expect(tags.takeAcknowledgements() == [.init(tag: 1)])
    }

    @Test func aSecondSettlementIsNone() {
        var tags = delivered(3)
        tags.acknowledge(1)
        #expect(tags.reject(1) == false)
        #expect(tags.reject(2) == true)
        #expect(tags.reject(2) == false)
        tags.acknowledge(2)
        tags.acknowledge(1)
        tags.acknowledge(99)
        tags.acknowledge(3)
        // The rejected one between them is settled as well.
        #expect(tags.takeAcknowledgements() == [.init(tag: 3, isMultiple: true)])
        #expect(tags.isEmpty)
    }
}
