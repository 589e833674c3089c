import ServiceKit
import ShopContracts

/// Writes down what the shop's bus carries, in the order in which it comes.
enum Observer {
    static let queue = "audit.events"

    static func install(in application: ServiceApplication) {
        application.migrate([
            Migration(
                "1 observed",
                """
                CREATE TABLE observed (
                    position bigserial PRIMARY KEY, subject text NOT NULL, type text NOT NULL, event_id text NOT NULL,
                    instance bigint NOT NULL)
                """)
        ])
        observe(OrderCreated.self, in: application)
        observe(OrderConfirmed.self, in: application)
        observe(OrderRejected.self, in: application)
        observe(OrderCancelled.self, in: application)
        observe(InventoryReserved.self, in: application)
        observe(InventoryRejected.self, in: application)
        observe(InventoryUpdated.self, in: application)
        observe(InventoryReleased.self, in: application)
        observe(PaymentSuccess.self, in: application)
        observe(PaymentFailed.self, in: application)
        observe(UserRegistered.self, in: application)
    }

    private static func observe<E: Event>(_ event: E.Type, in application: ServiceApplication) {
        let instance = application.environment.instance
        application.handle(event, from: queue) { event, metadata, transaction in
            try await transaction.execute(
                "INSERT INTO observed (subject, type, event_id, instance) VALUES ($1, $2, $3, $4)",
                [metadata.subject, E.type, metadata.id, instance])
        }
    }
}
