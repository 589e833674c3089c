public import ServiceKit

/// Every event of the shop: what contracts/ is the record of.
public enum ShopEvents {
    public static let all: [any Event.Type] = [
        OrderCreated.self, OrderConfirmed.self, OrderRejected.self, OrderCancelled.self,
        InventoryReserved.self, InventoryRejected.self, InventoryUpdated.self, InventoryReleased.self,
        PaymentSuccess.self, PaymentFailed.self,
        UserRegistered.self,
    ]
}
