import FoundationEssentials

/// What each event that this service publishes has in common.
struct EventStamp: Sendable {
    var service: String
    /// "/shop/order"
    var source: String
    /// Nil: the service names no exchange in its `publishes`.
    var exchange: String?

    func row<E: Event>(for event: E, traceparent: String?) throws -> OutboxRow {
        guard let exchange else {
            throw ServiceError(
                .missingDependency,
                "Service '\(service)' cannot publish '\(E.type)': SIGNALBOX_EVENTS_EXCHANGE is not set. Name the exchange in its 'publishes' in topology.yaml."
            )
        }
        let metadata = EventMetadata(
            id: EventIdentifier.make(), type: E.type, source: source, subject: event.subject, time: .now, version: E.version,
            traceparent: traceparent)
        return OutboxRow(
            eventID: metadata.id, type: E.type, exchange: exchange, routingKey: E.type, headers: EventCodec.headers(of: metadata),
            body: [UInt8](try JSON.encoder().encode(event)))
    }
}
