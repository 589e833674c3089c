public import Foundation
public import ServiceKit

/// The order is paid.
public struct PaymentSuccess: Event {
    public static let type = "payment.success"

    public var orderID: UUID
    public var paymentID: UUID
    public var amountCents: Int

    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, paymentID: UUID, amountCents: Int) {
        self.orderID = orderID
        self.paymentID = paymentID
        self.amountCents = amountCents
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case paymentID = "payment_id"
        case amountCents = "amount_cents"
    }
}

/// The payment provider declined; nothing was charged.
public struct PaymentFailed: Event {
    public static let type = "payment.failed"

    public var orderID: UUID
    public var amountCents: Int
    public var reason: String

    public var subject: String { orderID.uuidString.lowercased() }

    public init(orderID: UUID, amountCents: Int, reason: String) {
        self.orderID = orderID
        self.amountCents = amountCents
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case amountCents = "amount_cents"
        case reason
    }
}
