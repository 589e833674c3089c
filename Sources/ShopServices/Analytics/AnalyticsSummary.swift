import ServiceKit

/// What happened to some orders.
struct DailyCount: Encodable, Equatable, Sendable {
    var orders = 0
    var confirmed = 0
    var revenueCents = 0
    var rejected = 0
    var cancelled = 0

    enum CodingKeys: String, CodingKey {
        case orders
        case confirmed
        case revenueCents = "revenue_cents"
        case rejected
        case cancelled
    }
}

extension DailyCount {
    init(_ row: PostgresRow) throws {
        self.init(
            orders: try row.get("orders"), confirmed: try row.get("confirmed"), revenueCents: try row.get("revenue_cents"),
            rejected: try row.get("rejected"), cancelled: try row.get("cancelled"))
    }
}

/// The answer of `GET /analytics/summary`. Days are in UTC, the latest first, at most 366; products, and days
/// of products, at most 10,000; `total` is of all.
struct AnalyticsSummary: ResponseEncodable, Sendable {
    struct Day: Encodable, Sendable {
        var day: String
        var counts: DailyCount

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(day, forKey: .day)
            try counts.encode(to: encoder)
        }

        enum CodingKeys: CodingKey {
            case day
        }
    }

    struct Product: Encodable, Sendable {
        var productID: Int
        var counts: DailyCount

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(productID, forKey: .productID)
            try counts.encode(to: encoder)
        }

        enum CodingKeys: String, CodingKey {
            case productID = "product_id"
        }
    }

    struct DayOfProduct: Encodable, Sendable {
        var day: String
        var productID: Int
        var counts: DailyCount

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(day, forKey: .day)
            try container.encode(productID, forKey: .productID)
            try counts.encode(to: encoder)
        }

        enum CodingKeys: String, CodingKey {
            case day
            case productID = "product_id"
        }
    }

    var total: DailyCount
    var byDay: [Day]
    var byProduct: [Product]
    var byDayAndProduct: [DayOfProduct]

    enum CodingKeys: String, CodingKey {
        case total
        case byDay = "by_day"
        case byProduct = "by_product"
        case byDayAndProduct = "by_day_and_product"
    }
}
