import Foundation
import ServiceKit

/// An order as clients see it.
struct OrderView: ResponseEncodable, Sendable {
    struct Step: Encodable, Sendable {
        var event: String
        var time: Date
    }

    var orderID: String
    var status: String
    var userID: Int
    var productID: Int
    var productName: String?
    var quantity: Int
    var totalCents: Int?
    var reason: String?
    var createdAt: Date
    var history: [Step]

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case status
        case userID = "user_id"
        case productID = "product_id"
        case productName = "product_name"
        case quantity
        case totalCents = "total_cents"
        case reason
        case createdAt = "created_at"
        case history
    }
}
