import Foundation
import ServiceKit
import ShopContracts

/// Takes orders over HTTP, keeps the history of each, and says how it ended.
struct OrderService: Sendable {
    static let queue = "order.events"
    static let defaultCard = "pm_card_visa"

    let application: ServiceApplication
    let store: OrderStore

    init(application: ServiceApplication) throws {
        self.application = application
        store = OrderStore(database: try application.database)
    }

    func install() {
        application.migrate(OrderStore.migrations)
        follow(InventoryReserved.self)
        follow(InventoryRejected.self)
        follow(PaymentSuccess.self)
        follow(PaymentFailed.self)
        follow(InventoryUpdated.self)
        follow(InventoryReleased.self)
        application.router.post("/api/orders") { request, context in
            try await place(try await request.decode(as: OrderRequest.self, context: context))
        }
        application.router.get("/api/orders/:id") { _, context in
            try await show(context.parameters.require("id"))
        }
    }

    private func place(_ request: OrderRequest) async throws -> EditedResponse<OrderAccepted> {
        try request.validate()
        let order = OrderCreated(
            orderID: UUID(), userID: request.userID, productID: request.productID, quantity: request.quantity,
            card: request.card ?? Self.defaultCard, email: request.email)
        try await store.place(order)
        let location = "/order/\(order.subject)"
        return EditedResponse(
            status: .accepted, headers: [.location: location],
            response: OrderAccepted(orderID: order.subject, status: OrderProgress.Status.pending.rawValue, location: location))
    }

    private func show(_ id: String) async throws -> OrderView {
        guard let orderID = UUID(uuidString: id), let view = try await store.view(of: orderID) else {
            throw ServiceProblem(status: 404, title: "No such order", detail: "there is no order \(id.prefix(64))")
        }
        return view
    }

    private func follow<E: Event>(_ event: E.Type) {
        application.handle(event, from: Self.queue) { event, metadata, transaction in
            try await store.record(event, metadata: metadata, in: transaction)
        }
    }
}

struct OrderAccepted: ResponseEncodable, Sendable {
    var orderID: String
    var status: String
    var location: String

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case status
        case location
    }
}
