import Foundation
import ShopContracts
import Testing

@Suite struct OrderEndTests {
    private let outcome = OrderOutcome(
        orderID: UUID(), userID: 100, email: nil, productID: 1, productName: "Assam tea, 250 g", quantity: 2, totalCents: 2580, reason: nil)

    @Test func theBodyOfAnEndIsItsOutcome() throws {
        let bodies = [
            try JSONEncoder().encode(OrderConfirmed(outcome)), try JSONEncoder().encode(OrderRejected(outcome)),
            try JSONEncoder().encode(OrderCancelled(outcome)),
        ]
        for body in bodies {
            #expect(try JSONDecoder().decode(OrderOutcome.self, from: body) == outcome)
            #expect(try JSONDecoder().decode(OrderConfirmed.self, from: body).outcome == outcome)
        }
        #expect(OrderConfirmed(outcome).subject == outcome.subject)
    }
}
