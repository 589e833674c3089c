import Foundation
import Testing

@testable import ShopServices

@Suite struct PaymentProviderTests {
    let provider = BuiltInPaymentProvider()

    @Test func approvesUpToTheLimit() {
        #expect(provider.charge(orderID: UUID(), amountCents: BuiltInPaymentProvider.limitCents, card: "pm_card_visa") == .approved)
    }

    @Test func declinesAboveTheLimit() {
        let decision = provider.charge(orderID: UUID(), amountCents: BuiltInPaymentProvider.limitCents + 1, card: "pm_card_visa")
        #expect(decision == .declined(reason: "over the card's limit of 5,000.00"))
    }

    @Test(arguments: ["pm_card_declined", "pm_card_insufficient_funds", "pm_card_expired"])
    func declinesTestCards(card: String) {
        #expect(provider.charge(orderID: UUID(), amountCents: 1, card: card) != .approved)
    }
}
