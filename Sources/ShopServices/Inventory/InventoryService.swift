import ServiceKit
import ShopContracts

/// Keeps the stock: reserves for new orders, sells what was paid, releases what was declined.
struct InventoryService: Sendable {
    static let queue = "inventory.orders"

    let application: ServiceApplication
    let store: InventoryStore

    init(application: ServiceApplication) throws {
        self.application = application
        store = InventoryStore(database: try application.database)
    }

    func install() {
        application.migrate(InventoryStore.migrations)
        application.handle(OrderCreated.self, from: Self.queue) { order, _, transaction in
            switch try await store.reserve(order, in: transaction) {
            case .reserved(let event): try await transaction.publish(event)
            case .rejected(let event): try await transaction.publish(event)
            }
        }
        application.handle(PaymentSuccess.self, from: Self.queue) { payment, _, transaction in
            guard let stock = try await store.sell(payment.orderID, in: transaction) else {
                throw ServiceProblem(
                    status: 409, title: "Nothing is reserved", detail: "order \(payment.subject) was paid, but nothing is reserved for it")
            }
            try await transaction.publish(InventoryUpdated(orderID: payment.orderID, stock: stock))
        }
        application.handle(PaymentFailed.self, from: Self.queue) { payment, _, transaction in
            guard let stock = try await store.release(payment.orderID, in: transaction) else {
                throw ServiceProblem(
                    status: 409, title: "Nothing is reserved",
                    detail: "order \(payment.subject) was declined, but nothing is reserved for it")
            }
            try await transaction.publish(InventoryReleased(orderID: payment.orderID, stock: stock))
        }
        application.router.get("/api/inventory") { _, _ in
            ProductList(products: try await store.products())
        }
        application.router.get("/api/inventory/:sku") { _, context in
            let sku = try context.parameters.require("sku")
            guard let product = try await store.product(sku: sku) else {
                throw ServiceProblem(status: 404, title: "No such product", detail: "there is no product with the SKU \(sku.prefix(64))")
            }
            return product
        }
    }
}
