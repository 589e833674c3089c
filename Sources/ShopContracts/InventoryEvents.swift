public import Foundation
public import ServiceKit

/// The order's pieces are set aside, at a price.
public struct InventoryReserved: Event {
    public static let type = "inventory.reserved"

    public var orderID: UUID
    public var userID: Int
    public var productID: Int
    public var sku: String
    public var productName: String
    public var quantity: Int
    public var totalCents: Int
    public var card: String

    public var subject: String { orderID.uuidString.lowercased() }

    public init(
        orderID: UUID, userID: Int, productID: Int, sku: String, productName: String, quantity: Int, totalCents: Int, card: String
    ) {
        self.orderID = orderID
        self.userID = userID
        self.productID = productID
        self.sku = sku
        self.productName = productName
        self.quantity = quantity
        self.totalCents = totalCents
        self.card = card
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case userID = "user_id"
        case productID = "product_id"
        case sku
        case productName = "product_name"
        case quantity
        case totalCents = "total_cents"
        case card
    }
}

/// The order's pieces cannot be had.
public struct InventoryRejected: Event {
    public static let type = "inventory.rejected"

    public var orderID: UUID
    public var productID: Int
    public var productName: String?
    public var quantity: Int
    public var available: Int
    public var reason: String

    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, productID: Int, productName: String?, quantity: Int, available: Int, reason: String) {
        self.orderID = orderID
        self.productID = productID
        self.productName = productName
        self.quantity = quantity
        self.available = available
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case productID = "product_id"
        case productName = "product_name"
        case quantity
        case available
        case reason
    }
}

/// The pieces set aside for a paid order have left the stock.
public struct InventoryUpdated: Event {
    public static let type = "inventory.updated"

    public var orderID: UUID
    public var stock: StockLevel
    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, stock: StockLevel) {
        self.orderID = orderID
        self.stock = stock
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case stock
    }
}

/// The pieces set aside for an order that could not be paid are for sale again.
public struct InventoryReleased: Event {
    public static let type = "inventory.released"

    public var orderID: UUID
    public var stock: StockLevel
    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, stock: StockLevel) {
        self.orderID = orderID
        self.stock = stock
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case stock
    }
}

/// A product's pieces after a change. `available + reserved + sold` never changes.
public struct StockLevel: Codable, Sendable, Equatable {
    public var productID: Int
    public var sku: String
    public var available: Int
    public var reserved: Int
    public var sold: Int

    public init(productID: Int, sku: String, available: Int, reserved: Int, sold: Int) {
        self.productID = productID
        self.sku = sku
        self.available = available
        self.reserved = reserved
        self.sold = sold
    }

    enum CodingKeys: String, CodingKey {
        case productID = "product_id"
        case sku
        case available
        case reserved
        case sold
    }
}
