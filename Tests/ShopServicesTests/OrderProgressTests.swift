import Testing

@testable import ShopServices

@Suite struct OrderProgressTests {
    @Test(
        arguments: [
            ([], .pending),
            (["order.created"], .pending),
            (["order.created", "inventory.reserved"], .reserved),
            (["order.created", "inventory.reserved", "payment.success"], .paid),
            (["order.created", "inventory.reserved", "payment.success", "inventory.updated"], .confirmed),
            (["order.created", "inventory.rejected"], .rejected),
            (["order.created", "inventory.reserved", "payment.failed"], .declined),
            (["order.created", "inventory.reserved", "payment.failed", "inventory.released"], .cancelled),
        ] as [([String], OrderProgress.Status)])
    func followsTheEvents(seen: [String], status: OrderProgress.Status) {
        #expect(OrderProgress(seen: seen).status == status)
    }

    @Test func doesNotEndBeforeEveryEventOfTheEndWasSeen() {
        // The events of one order may overtake one another between instances.
        #expect(!OrderProgress(seen: ["order.created", "payment.success", "inventory.updated"]).status.isEnd)
        #expect(!OrderProgress(seen: ["order.created", "payment.failed", "inventory.released"]).status.isEnd)
    }

    @Test func isTheSameInEveryOrderOfArrival() {
        let events = ["inventory.updated", "payment.success", "inventory.reserved", "order.created"]
        for shift in events.indices {
            #expect(OrderProgress(seen: Array(events[shift...] + events[..<shift])).status == .confirmed)
        }
    }
}
