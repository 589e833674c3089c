import AMQP
import Postgres

/// A message that this process has, from the broker or from the table of waiting ones, and what it knows of it.
struct MessageInHand: Sendable {
    enum Source: Sendable {
        /// With more than one: the broker delivered it again while it was waiting for its turn here (the connection was lost, or it had
        /// been published twice).
        case broker([AMQPDelivery])
        /// The row's place in `signalbox_waiting`.
        case table(position: Int64)
    }

    /// Deliveries of one message that are kept to be settled with it; beyond it the oldest, which are void by then, are forgotten.
    static let maximumCopies = 64
    /// Deliveries without an outcome, from which on it may be this message that ends its process.
    static let suspiciousDeliveries = 2

    var source: Source
    let message: AMQPMessage
    let exchange: String
    let routingKey: String
    /// `attempt` is that of the next one.
    var metadata: EventMetadata
    /// In the inbox; empty where the message has none, so that nobody could tell a second delivery from a second message.
    let id: String
    /// Messages of one key are handled in their order; empty: no order.
    let key: String
    let replay: String?
    var firstFailedAt: Timestamp?
    /// Why it cannot be handled at all.
    var flaw: String?
    /// Of an attempt whose transaction could not be committed; to be reckoned with before anything else.
    var failure: (any Error)?
    var isSuspect: Bool
    /// How often its row was begun without an outcome, as this worker noted it.
    var starts = 0
    /// In a transaction of its own, because one with others failed.
    var isAlone = false
    /// How often it had to give way to another transaction.
    var contentions = 0

    init(_ delivery: AMQPDelivery, queue: String) {
        self.init(message: delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey, source: .broker([delivery]))
        isSuspect = (delivery.deliveryCount ?? 0) >= Self.suspiciousDeliveries
    }

    /// By the places of `WaitingTable.lock`.
    init(_ row: PostgresRow) throws {
        let properties = try StoredProperties.properties(try row.get(8))
        self.init(
            message: AMQPMessage(properties: properties, body: try row.get(9)), exchange: try row.get(6), routingKey: try row.get(7),
            source: .table(position: try row.get(0)))
        let attempts: Int = try row.get(3)
        metadata.attempt = attempts + 1
        firstFailedAt = try row.get(5, as: Int64?.self).map { Timestamp(microseconds: $0) }
        // This start is noted already.
        starts = try row.get(4)
        isSuspect = starts > Self.suspiciousDeliveries
    }

    private init(message: AMQPMessage, exchange: String, routingKey: String, source: Source) {
        self.source = source
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        isSuspect = false
        let headers = message.properties.headers
        replay = headers[Inbox.replayHeader]?.string?.storable
        firstFailedAt = headers[FailureRecord.firstFailedHeader]?.string.flatMap { Timestamp($0) }
        do {
            metadata = try EventCodec.metadata(of: message, routingKey: routingKey)
            id = metadata.id.storable
            key = metadata.subject.storable
        } catch {
            metadata = EventMetadata(
                id: "", type: message.properties.type ?? routingKey, source: "", subject: "", time: Timestamp.now.date,
                attempt: FailureRecord.attempts(of: headers) + 1)
            id = ""
            key = ""
            flaw = error.message
        }
    }

    var position: Int64? {
        if case .table(let position) = source { position } else { nil }
    }

    var deliveries: [AMQPDelivery] {
        if case .broker(let deliveries) = source { deliveries } else { [] }
    }

    /// Takes another delivery of the same message.
    mutating func absorb(_ other: MessageInHand) {
        source = .broker((deliveries + other.deliveries).suffix(Self.maximumCopies))
        isSuspect = isSuspect || other.isSuspect
    }

    var isSolitary: Bool { isAlone || isSuspect }
}
