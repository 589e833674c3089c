public import Foundation
public import ServiceKit

/// A customer's order was accepted; nothing has been reserved or charged yet.
public struct OrderCreated: Event {
    public static let type = "order.created"

    public var orderID: UUID
    public var userID: Int
    public var productID: Int
    public var quantity: Int
    /// The payment provider's name of a card, never a card's number.
    public var card: String
    /// Where the order's mail goes; nil: to the address that the user registered with.
    public var email: String?

    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, userID: Int, productID: Int, quantity: Int, card: String, email: String?) {
        self.orderID = orderID
        self.userID = userID
        self.productID = productID
        self.quantity = quantity
        self.card = card
        self.email = email
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case userID = "user_id"
        case productID = "product_id"
        case quantity
        case card
        case email
    }
}

/// How an order ended, as its three end events tell it.
public protocol OrderEnd: Event {
    var outcome: OrderOutcome { get }
    init(_ outcome: OrderOutcome)
}

/// The event's body is the outcome itself.
extension OrderEnd {
    public var subject: String { outcome.subject }

    public init(from decoder: any Decoder) throws { self.init(try OrderOutcome(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try outcome.encode(to: encoder) }
}

/// The stock is sold and the payment taken.
public struct OrderConfirmed: OrderEnd {
    public static let type = "order.confirmed"

    public var outcome: OrderOutcome

    public init(_ outcome: OrderOutcome) { self.outcome = outcome }
}

/// There was no stock; nothing was charged.
public struct OrderRejected: OrderEnd {
    public static let type = "order.rejected"

    public var outcome: OrderOutcome

    public init(_ outcome: OrderOutcome) { self.outcome = outcome }
}

/// The payment was declined, and the stock is free again.
public struct OrderCancelled: OrderEnd {
    public static let type = "order.cancelled"

    public var outcome: OrderOutcome

    public init(_ outcome: OrderOutcome) { self.outcome = outcome }
}

/// The body of `OrderConfirmed`, `OrderRejected` and `OrderCancelled`.
public struct OrderOutcome: Codable, Sendable, Equatable {
    public var orderID: UUID
    public var userID: Int
    public var email: String?
    public var productID: Int
    /// Nil for a product that the inventory does not know.
    public var productName: String?
    public var quantity: Int
    /// What was charged: 0 unless the order is confirmed.
    public var totalCents: Int
    /// Why the order was rejected or cancelled.
    public var reason: String?

    public var subject: String { orderID.uuidString.lowercased() }

    public init(
        orderID: UUID, userID: Int, email: String?, productID: Int, productName: String?, quantity: Int, totalCents: Int, reason: String?
    ) {
        self.orderID = orderID
        self.userID = userID
        self.email = email
        self.productID = productID
        self.productName = productName
        self.quantity = quantity
        self.totalCents = totalCents
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case userID = "user_id"
        case email
        case productID = "product_id"
        case productName = "product_name"
        case quantity
        case totalCents = "total_cents"
        case reason
    }
}
