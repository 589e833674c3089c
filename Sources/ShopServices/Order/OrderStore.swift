import Foundation
import ServiceKit
import ShopContracts

/// The order service's tables, and what is written to them in one transaction.
struct OrderStore: Sendable {
    static let migrations = [
        Migration(
            "001_orders",
            """
            CREATE TABLE orders (
                id uuid PRIMARY KEY,
                user_id bigint NOT NULL,
                product_id bigint NOT NULL,
                quantity integer NOT NULL CHECK (quantity > 0),
                email text,
                status text NOT NULL,
                product_name text,
                total_cents bigint,
                reason text,
                created_at timestamptz NOT NULL DEFAULT clock_timestamp()
            );
            CREATE TABLE order_history (
                order_id uuid NOT NULL REFERENCES orders (id),
                event_type text NOT NULL,
                event_time timestamptz NOT NULL,
                PRIMARY KEY (order_id, event_type)
            );
            """)
    ]

    let database: Database

    /// Accepts an order: its row, its history's first line and its event, or none of them.
    func place(_ order: OrderCreated) async throws {
        do {
            try await insert(order)
        } catch let error as PostgresError where error.code == .commitUnknown {
            // The connection went while the commit was under way. The order's own id makes a second try harmless.
            try await insert(order)
        }
    }

    private func insert(_ order: OrderCreated) async throws {
        try await database.transaction { transaction in
            let inserted = try await transaction.query(
                """
                WITH placed AS (
                    INSERT INTO orders (id, user_id, product_id, quantity, email, status) VALUES ($1, $2, $3, $4, $5, 'pending')
                    ON CONFLICT (id) DO NOTHING RETURNING id),
                noted AS (INSERT INTO order_history (order_id, event_type, event_time) SELECT id, $6, $7 FROM placed)
                SELECT id FROM placed
                """,
                [order.orderID, order.userID, order.productID, order.quantity, order.email, OrderCreated.type, Date()])
            if !inserted.isEmpty { try await transaction.publish(order) }
        }
    }

    /// Adds an event to the order's history, and says the order's end when this event brings it.
    func record<E: Event>(_ event: E, metadata: EventMetadata, in transaction: Transaction) async throws {
        let orderID = UUID(uuidString: metadata.subject)
        // Locked by a statement of its own: the next one sees what whoever had it before has committed.
        try await transaction.executeWithNext("SELECT FROM orders WHERE id = $1 FOR UPDATE", [orderID])
        let found = try await transaction.query(
            """
            WITH noted AS (
                INSERT INTO order_history (order_id, event_type, event_time) SELECT id, $2, $3 FROM orders WHERE id = $1
                ON CONFLICT DO NOTHING)
            SELECT *, ARRAY(SELECT event_type FROM order_history WHERE order_id = $1)::text AS seen FROM orders WHERE id = $1
            """, [orderID, E.type, metadata.time])
        guard let orderID, let row = found.first else {
            throw ServiceProblem(
                status: 404, title: "No such order", detail: "\(E.type) names the order \(metadata.subject), which is not here")
        }
        let details = OrderDetails(of: event)
        let seen = try row.get("seen", as: String.self).split(whereSeparator: { "{,}".contains($0) }).map(String.init)
        let status = OrderProgress(seen: seen + [E.type]).status
        let isNew = try row.get("status", as: String.self) != status.rawValue
        guard isNew || details != OrderDetails() else { return }
        try await transaction.executeWithNext(
            """
            UPDATE orders SET status = $2, product_name = coalesce($3, product_name), total_cents = coalesce($4, total_cents),
                reason = coalesce($5, reason)
            WHERE id = $1
            """, [orderID, status.rawValue, details.productName, details.totalCents, details.reason])
        guard isNew, status.isEnd else { return }
        try await Self.announceEnd(status, outcome: try OrderOutcome(row, details, status: status), of: orderID, in: transaction)
    }

    func view(of orderID: UUID) async throws -> OrderView? {
        guard let row = try await database.query("SELECT * FROM orders WHERE id = $1", [orderID]).first else { return nil }
        let history = try await database.query(
            "SELECT event_type, event_time FROM order_history WHERE order_id = $1 ORDER BY event_time, event_type", [orderID])
        return OrderView(
            orderID: orderID.uuidString.lowercased(), status: try row.get("status"), userID: try row.get("user_id"),
            productID: try row.get("product_id"), productName: try row.get("product_name"), quantity: try row.get("quantity"),
            totalCents: try row.get("total_cents"), reason: try row.get("reason"), createdAt: try row.get("created_at"),
            history: try history.map { OrderView.Step(event: try $0.get("event_type"), time: try $0.get("event_time")) })
    }

    private static func announceEnd(
        _ status: OrderProgress.Status, outcome: OrderOutcome, of orderID: UUID, in transaction: Transaction
    ) async throws {
        switch status {
        case .confirmed: try await announce(OrderConfirmed(outcome), of: orderID, in: transaction)
        case .rejected: try await announce(OrderRejected(outcome), of: orderID, in: transaction)
        case .cancelled: try await announce(OrderCancelled(outcome), of: orderID, in: transaction)
        case .pending, .reserved, .paid, .declined: break
        }
    }

    private static func announce<E: OrderEnd>(_ end: E, of orderID: UUID, in transaction: Transaction) async throws {
        try await transaction.executeWithNext(
            "INSERT INTO order_history (order_id, event_type, event_time) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [orderID, E.type, Date()])
        try await transaction.publish(end)
    }
}

/// What an event says of its order that is kept with it.
private struct OrderDetails: Equatable {
    var productName: String?
    var totalCents: Int?
    var reason: String?

    init() {}

    init(of event: some Event) {
        switch event {
        case let reserved as InventoryReserved:
            productName = reserved.productName
            totalCents = reserved.totalCents
        case let rejected as InventoryRejected:
            productName = rejected.productName
            reason = rejected.reason
        case let failed as PaymentFailed:
            reason = failed.reason
        default:
            break
        }
    }
}

extension OrderOutcome {
    fileprivate init(_ row: PostgresRow, _ details: OrderDetails, status: OrderProgress.Status) throws {
        self.init(
            orderID: try row.get("id"), userID: try row.get("user_id"), email: try row.get("email"), productID: try row.get("product_id"),
            productName: try details.productName ?? row.get("product_name"), quantity: try row.get("quantity"),
            totalCents: status == .confirmed ? try row.get("total_cents") : 0, reason: try details.reason ?? row.get("reason"))
    }
}
