import FoundationEssentials

/// What each event that this service publishes has in common.
struct EventStamp: Sendable {
    var service: String
    /// "/shop/order"
    var source: String
    /// Nil: the service names no exchange in its `publishes`.
    var exchange: String?
    var clock = ServiceClock.system

    /// - Parameter time: of the event; nil: now.
    func row<E: Event>(for event: E, traceparent: String?, time: Timestamp? = nil) throws -> OutboxRow {
        guard let exchange else {
            throw ServiceError(
                .missingDependency,
                "Service '\(service)' cannot publish '\(E.type)': SIGNALBOX_EVENTS_EXCHANGE is not set. Name the exchange in its 'publishes' in topology.yaml."
            )
        }
        let now = clock.timestamp
        let metadata = EventMetadata(
            id: EventIdentifier.make(now), type: E.type, source: source, subject: event.subject, time: (time ?? now).date,
            version: E.version, traceparent: traceparent, minimumReaderVersion: E.minimumReaderVersion)
        return OutboxRow(
            eventID: metadata.id, type: E.type, exchange: exchange, routingKey: E.type, headers: EventCodec.headers(of: metadata),
            body: [UInt8](try JSON.encoder().encode(event)), orderingKey: event.subject.storable, createdAt: now)
    }
}
