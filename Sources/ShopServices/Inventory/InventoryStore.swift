import Foundation
import ServiceKit
import ShopContracts

/// The inventory's tables. Every piece of a product is `available`, `reserved` or `sold`, and their sum never changes.
struct InventoryStore: Sendable {
    static let migrations = [
        Migration(
            "001_products",
            """
            CREATE TABLE products (
                id bigint PRIMARY KEY,
                sku text NOT NULL UNIQUE,
                name text NOT NULL,
                price_cents bigint NOT NULL CHECK (price_cents > 0),
                available bigint NOT NULL CHECK (available >= 0),
                reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
                sold bigint NOT NULL DEFAULT 0 CHECK (sold >= 0)
            );
            CREATE TABLE reservations (
                order_id uuid PRIMARY KEY,
                product_id bigint NOT NULL REFERENCES products (id),
                quantity integer NOT NULL CHECK (quantity > 0),
                state text NOT NULL CHECK (state IN ('reserved', 'sold', 'released'))
            );
            """),
        Migration(
            "002_catalogue",
            """
            INSERT INTO products (id, sku, name, price_cents, available) VALUES
                (1, 'TEA-ASSAM', 'Assam tea, 250 g', 1290, 100000),
                (2, 'CUP-LAST10', 'Cup of the last ten', 1990, 10),
                (3, 'POT-SOLDOUT', 'Teapot, sold out', 4900, 0),
                (4, 'KETTLE-GOLD', 'Kettle of gold', 600000, 100),
                (5, 'TIN-BLUE', 'Blue tin', 890, 5000)
            """),
    ]

    let database: Database

    enum Reservation {
        case reserved(InventoryReserved)
        case rejected(InventoryRejected)
    }

    func reserve(_ order: OrderCreated, in transaction: Transaction) async throws -> Reservation {
        let taken = try await transaction.query(
            """
            WITH taken AS (
                UPDATE products SET available = available - $2, reserved = reserved + $2 WHERE id = $1 AND available >= $2
                RETURNING id, sku, name, price_cents),
            noted AS (INSERT INTO reservations (order_id, product_id, quantity, state) SELECT $3, id, $2, 'reserved' FROM taken)
            SELECT sku, name, price_cents FROM taken
            """,
            [order.productID, order.quantity, order.orderID])
        guard let product = taken.first else { return .rejected(try await rejection(of: order, in: transaction)) }
        return .reserved(
            InventoryReserved(
                orderID: order.orderID, userID: order.userID, productID: order.productID, sku: try product.get("sku"),
                productName: try product.get("name"), quantity: order.quantity,
                totalCents: try product.get("price_cents", as: Int.self) * order.quantity, card: order.card))
    }

    /// Books what was reserved for the order as sold.
    /// - Returns: nil when nothing is reserved for it any more.
    func sell(_ orderID: UUID, in transaction: Transaction) async throws -> StockLevel? {
        try await settle(
            orderID, as: "sold", change: "reserved = reserved - settled.quantity, sold = sold + settled.quantity", in: transaction)
    }

    /// Puts what was reserved for the order up for sale again.
    /// - Returns: nil when nothing is reserved for it any more.
    func release(_ orderID: UUID, in transaction: Transaction) async throws -> StockLevel? {
        try await settle(
            orderID, as: "released", change: "reserved = reserved - settled.quantity, available = available + settled.quantity",
            in: transaction)
    }

    func products() async throws -> [ProductView] {
        try await database.query("SELECT * FROM products ORDER BY id", []).map(ProductView.init)
    }

    func product(sku: String) async throws -> ProductView? {
        try await database.query("SELECT * FROM products WHERE sku = $1", [sku]).first.map(ProductView.init)
    }

    private func settle(_ orderID: UUID, as state: String, change: String, in transaction: Transaction) async throws -> StockLevel? {
        let changed = try await transaction.query(
            """
            WITH settled AS (
                UPDATE reservations SET state = $2 WHERE order_id = $1 AND state = 'reserved' RETURNING product_id, quantity)
            UPDATE products SET \(change) FROM settled WHERE id = settled.product_id RETURNING id, sku, available, reserved, sold
            """, [orderID, state])
        return try changed.first.map { row in
            StockLevel(
                productID: try row.get("id"), sku: try row.get("sku"), available: try row.get("available"),
                reserved: try row.get("reserved"),
                sold: try row.get("sold"))
        }
    }

    private func rejection(of order: OrderCreated, in transaction: Transaction) async throws -> InventoryRejected {
        let product = try await transaction.query("SELECT name, available FROM products WHERE id = $1", [order.productID]).first
        let available = try product?.get("available", as: Int.self) ?? 0
        return InventoryRejected(
            orderID: order.orderID, productID: order.productID, productName: try product?.get("name", as: String.self),
            quantity: order.quantity, available: available,
            reason: product == nil
                ? "there is no product \(order.productID)" : "\(order.quantity) ordered, \(available) available")
    }
}

/// A product as clients see it.
struct ProductView: ResponseEncodable, Sendable {
    var productID: Int
    var sku: String
    var name: String
    var priceCents: Int
    var available: Int
    var reserved: Int
    var sold: Int

    init(_ row: PostgresRow) throws {
        productID = try row.get("id")
        sku = try row.get("sku")
        name = try row.get("name")
        priceCents = try row.get("price_cents")
        available = try row.get("available")
        reserved = try row.get("reserved")
        sold = try row.get("sold")
    }

    enum CodingKeys: String, CodingKey {
        case productID = "product_id"
        case sku
        case name
        case priceCents = "price_cents"
        case available
        case reserved
        case sold
    }
}

struct ProductList: ResponseEncodable, Sendable {
    var products: [ProductView]
}
