import ServiceKit

/// What a client sends to place an order.
struct OrderRequest: Decodable, Sendable {
    static let quantities = 1...1000
    static let maximumTextLength = 254

    var productID: Int
    var quantity: Int
    var userID: Int
    var card: String?
    var email: String?

    enum CodingKeys: String, CodingKey {
        case productID = "product_id"
        case quantity
        case userID = "user_id"
        case card
        case email
    }

    /// - Throws: a problem of status 422 that names every field that cannot be.
    func validate() throws {
        var mistakes: [String] = []
        if productID < 1 { mistakes.append("product_id is \(productID), expected a number from 1") }
        if userID < 1 { mistakes.append("user_id is \(userID), expected a number from 1") }
        if !Self.quantities.contains(quantity) {
            mistakes.append("quantity is \(quantity), expected \(Self.quantities.lowerBound) to \(Self.quantities.upperBound)")
        }
        if let card,
            card.isEmpty || card.utf8.count > Self.maximumTextLength || !card.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        {
            mistakes.append("card is not the name of a card, expected one such as pm_card_visa (letters, digits, _)")
        }
        // A card's number must never be stored or passed on.
        if let card, card.filter(\.isNumber).count >= 12 {
            mistakes.append("card holds a card's number, expected the payment provider's name for it, such as pm_card_visa")
        }
        if let email, !EmailAddress.isValid(email) {
            mistakes.append("email is not an address, expected one such as ada@example.com")
        }
        guard mistakes.isEmpty else {
            throw ServiceProblem(status: 422, title: "The order cannot be placed", detail: mistakes.joined(separator: "; "))
        }
    }
}
