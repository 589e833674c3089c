import Foundation
import ShopContracts

/// What the customer is told when an order ends. Pure.
enum OrderMail {
    static func confirmed(_ order: OrderOutcome) -> (subject: String, body: String) {
        (
            "Your order is confirmed",
            """
            Good news: your order \(order.subject) is confirmed.

            \(lines(of: order))
            Charged:  \(amount(order.totalCents))

            Thank you for shopping with us.
            """
        )
    }

    static func rejected(_ order: OrderOutcome) -> (subject: String, body: String) {
        (
            "Your order could not be accepted",
            """
            We are sorry: your order \(order.subject) could not be accepted.

            \(lines(of: order))
            Reason:   \(order.reason ?? "no stock")

            Nothing was charged.
            """
        )
    }

    static func cancelled(_ order: OrderOutcome) -> (subject: String, body: String) {
        (
            "Your order was cancelled",
            """
            We are sorry: your order \(order.subject) was cancelled, because it could not be paid.

            \(lines(of: order))
            Reason:   \(order.reason ?? "the payment was declined")

            Nothing was charged.
            """
        )
    }

    private static func lines(of order: OrderOutcome) -> String {
        "Product:  \(order.productName ?? "product \(order.productID)")\nQuantity: \(order.quantity)"
    }

    /// `1290` is `12.90`.
    static func amount(_ cents: Int) -> String {
        let (whole, rest) = cents.quotientAndRemainder(dividingBy: 100)
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
