import Foundation
import ServiceKit
import ShopContracts

/// Counts orders, revenue and rejections by day and product, from the events alone.
struct AnalyticsService: Sendable {
    static let queue = "analytics.events"
    static let migrations = [
        Migration(
            "001_daily",
            """
            CREATE TABLE daily (
                day date NOT NULL,
                product_id bigint NOT NULL,
                orders bigint NOT NULL DEFAULT 0,
                confirmed bigint NOT NULL DEFAULT 0,
                revenue_cents bigint NOT NULL DEFAULT 0,
                rejected bigint NOT NULL DEFAULT 0,
                cancelled bigint NOT NULL DEFAULT 0,
                PRIMARY KEY (day, product_id)
            )
            """)
    ]

    let application: ServiceApplication
    let database: Database

    init(application: ServiceApplication) throws {
        self.application = application
        database = try application.database
    }

    func install() {
        application.migrate(Self.migrations)
        application.handle(OrderCreated.self, from: Self.queue) { order, metadata, transaction in
            try await Self.count(DailyCount(orders: 1), of: order.productID, at: metadata.time, in: transaction)
        }
        application.handle(OrderConfirmed.self, from: Self.queue) { end, metadata, transaction in
            let count = DailyCount(confirmed: 1, revenueCents: end.outcome.totalCents)
            try await Self.count(count, of: end.outcome.productID, at: metadata.time, in: transaction)
        }
        application.handle(OrderRejected.self, from: Self.queue) { end, metadata, transaction in
            try await Self.count(DailyCount(rejected: 1), of: end.outcome.productID, at: metadata.time, in: transaction)
        }
        application.handle(OrderCancelled.self, from: Self.queue) { end, metadata, transaction in
            try await Self.count(DailyCount(cancelled: 1), of: end.outcome.productID, at: metadata.time, in: transaction)
        }
        application.router.get("/api/analytics/summary") { _, _ in
            try await summary()
        }
    }

    private static func count(_ count: DailyCount, of productID: Int, at time: Date, in transaction: Transaction) async throws {
        try await transaction.execute(
            """
            INSERT INTO daily AS d (day, product_id, orders, confirmed, revenue_cents, rejected, cancelled)
            VALUES (($1::timestamptz AT TIME ZONE 'UTC')::date, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (day, product_id) DO UPDATE SET
                orders = d.orders + EXCLUDED.orders, confirmed = d.confirmed + EXCLUDED.confirmed,
                revenue_cents = d.revenue_cents + EXCLUDED.revenue_cents, rejected = d.rejected + EXCLUDED.rejected,
                cancelled = d.cancelled + EXCLUDED.cancelled
            """, [time, productID, count.orders, count.confirmed, count.revenueCents, count.rejected, count.cancelled])
    }

    private func summary() async throws -> AnalyticsSummary {
        let sums = """
            sum(orders)::bigint AS orders, sum(confirmed)::bigint AS confirmed, sum(revenue_cents)::bigint AS revenue_cents,
            sum(rejected)::bigint AS rejected, sum(cancelled)::bigint AS cancelled
            """
        let days = try await database.query("SELECT day::text AS day, \(sums) FROM daily GROUP BY day ORDER BY day DESC LIMIT 366", [])
        let products = try await database.query(
            "SELECT product_id, \(sums) FROM daily GROUP BY product_id ORDER BY product_id LIMIT 10000", [])
        let cells = try await database.query(
            "SELECT day::text AS day, product_id, orders, confirmed, revenue_cents, rejected, cancelled FROM daily"
                + " ORDER BY day DESC, product_id LIMIT 10000", [])
        let total = try await database.query("SELECT \(sums) FROM daily HAVING count(*) > 0", []).first
        let byDay = try days.map { AnalyticsSummary.Day(day: try $0.get("day"), counts: try DailyCount($0)) }
        let byProduct = try products.map { AnalyticsSummary.Product(productID: try $0.get("product_id"), counts: try DailyCount($0)) }
        return AnalyticsSummary(
            total: try total.map { try DailyCount($0) } ?? DailyCount(), byDay: byDay, byProduct: byProduct,
            byDayAndProduct: try cells.map {
                AnalyticsSummary.DayOfProduct(day: try $0.get("day"), productID: try $0.get("product_id"), counts: try DailyCount($0))
            })
    }
}
