import Foundation
import ServiceKit

/// One event as it grew, and everything whose schema is found out.
enum Sample {
    enum Colour: String, Codable, CaseIterable { case red, green }
    enum Level: Int, Codable, CaseIterable { case low = 1, high = 3 }

    struct Line: Codable, Sendable {
        var sku: String
        var quantity: Int
    }

    final class Comment: Codable, Sendable {
        let text: String
        let answers: [Comment]
        let first: Comment?
    }

    struct Point: Codable, Sendable {
        var x: Double
        var y: Double

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            x = try container.decode(Double.self)
            y = try container.decode(Double.self)
        }
    }

    enum Payment: ContractDescribing, Encodable, Sendable {
        case card(String), cash

        static let contractSchema = ContractSchema.object([
            ContractField("kind", .choice(["card", "cash"])), ContractField("card", .string(), isRequired: false),
        ])
        static let contractSample = Payment.cash

        init(from decoder: any Decoder) throws { self = .cash }
        func encode(to encoder: any Encoder) throws {}
    }

    struct SKU: RawRepresentable, Codable, Sendable {
        var rawValue: String
    }

    struct Everything: Event {
        static let type = "sample.everything"
        var subject: String { "" }

        var text: String
        var note: String?
        var count: Int
        var small: Int16
        var large: UInt64
        var ratio: Double
        var money: Decimal
        var isNew: Bool
        var time: Date
        var later: Date?
        var id: UUID
        var site: URL
        var bytes: Data
        var colour: Colour
        var level: Level?
        var lines: [Line]
        var tags: Set<String>
        var stock: [String: Int]
        var maybe: [Int?]
        var comment: Comment?
        var place: Point
        var payment: Payment
        var sku: SKU
        var rest: JSONValue
    }

    /// Versions of one event; each is a type of its own here, as if at its own time.
    struct PlacedV1: Event {
        static let type = "order.placed"
        var subject: String { id }
        var id: String
        var total: Int
        var colour: Colour
        var note: String?
    }

    struct PlacedV2: Event {
        static let type = "order.placed"
        static let version = 2
        static let upcasters = [
            Upcaster(from: 1) { json in
                json["total_cents"] = json["total"]?.integer.map { .integer($0 * 100) }
                json["total"] = nil
            }
        ]
        var subject: String { id }
        var id: String
        var total_cents: Int
        var colour: Colour
        var note: String?
    }

    struct PlacedV3: Event {
        static let type = "order.placed"
        static let version = 3
        /// What version 2 needs is still there.
        static let minimumReaderVersion = 2
        static let upcasters = PlacedV2.upcasters + [Upcaster(from: 2) { json in json["currency"] = "EUR" }]
        var subject: String { id }
        var id: String
        var total_cents: Int
        var colour: Colour
        var currency: String
    }
}
