import Foundation
import ServiceKit
import ShopContracts

/// Charges what was reserved, once an order.
struct PaymentService: Sendable {
    static let queue = "payment.orders"
    static let migrations = [
        Migration(
            "001_payments",
            """
            CREATE TABLE payments (
                order_id uuid PRIMARY KEY,
                id uuid NOT NULL UNIQUE,
                user_id bigint NOT NULL,
                amount_cents bigint NOT NULL,
                state text NOT NULL CHECK (state IN ('captured', 'declined')),
                reason text,
                created_at timestamptz NOT NULL DEFAULT clock_timestamp()
            )
            """)
    ]

    let application: ServiceApplication
    let provider: any PaymentProvider

    func install() {
        application.migrate(Self.migrations)
        application.handle(InventoryReserved.self, from: Self.queue) { [provider] reserved, _, transaction in
            let decision = try await provider.charge(orderID: reserved.orderID, amountCents: reserved.totalCents, card: reserved.card)
            let paymentID = UUID()
            let (state, reason): (String, String?) =
                switch decision {
                case .approved: ("captured", nil)
                case .declined(let reason): ("declined", reason)
                }
            try await transaction.executeWithNext(
                "INSERT INTO payments (order_id, id, user_id, amount_cents, state, reason) VALUES ($1, $2, $3, $4, $5, $6)",
                [reserved.orderID, paymentID, reserved.userID, reserved.totalCents, state, reason])
            if let reason {
                try await transaction.publish(PaymentFailed(orderID: reserved.orderID, amountCents: reserved.totalCents, reason: reason))
            } else {
                try await transaction.publish(
                    PaymentSuccess(orderID: reserved.orderID, paymentID: paymentID, amountCents: reserved.totalCents))
            }
        }
    }
}
