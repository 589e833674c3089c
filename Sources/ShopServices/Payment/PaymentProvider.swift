import Foundation

/// Who takes the money. Asked twice about one order, it must charge once and answer the same.
protocol PaymentProvider: Sendable {
    func charge(orderID: UUID, amountCents: Int, card: String) async throws -> PaymentDecision
}

enum PaymentDecision: Equatable, Sendable {
    case approved
    case declined(reason: String)
}

/// Decides by the amount and the card's name alone, so that each outcome can be tried.
///
/// | card | outcome |
/// | --- | --- |
/// | `pm_card_declined` | declined: the card was declined |
/// | `pm_card_insufficient_funds` | declined: insufficient funds |
/// | `pm_card_expired` | declined: the card has expired |
/// | any other | approved up to 5,000.00; above that declined: over the card's limit |
struct BuiltInPaymentProvider: PaymentProvider {
    static let limitCents = 500_000
    static let decliningCards = [
        "pm_card_declined": "the card was declined",
        "pm_card_insufficient_funds": "insufficient funds",
        "pm_card_expired": "the card has expired",
    ]

    func charge(orderID: UUID, amountCents: Int, card: String) -> PaymentDecision {
        if let reason = Self.decliningCards[card] { return .declined(reason: reason) }
        guard amountCents <= Self.limitCents else { return .declined(reason: "over the card's limit of 5,000.00") }
        return .approved
    }
}
