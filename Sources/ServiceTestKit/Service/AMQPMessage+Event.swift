public import AMQP
public import FoundationEssentials
public import ServiceKit

extension AMQPMessage {
    /// The event as a service of another name would publish it.
    /// - Parameters:
    ///   - id: a random one where none is given.
    ///   - version: of its JSON.
    public init<E: Event>(
        _ event: E, id: String = UUID().uuidString.lowercased(), source: String = "/test", version: Int = E.version
    ) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(date))
        }
        var headers: [String: AMQPValue] = [
            "cloudEvents:specversion": "1.0", "cloudEvents:id": .string(id), "cloudEvents:type": .string(E.type),
            "cloudEvents:source": .string(source), "cloudEvents:dataversion": .int(Int64(version)),
        ]
        if !event.subject.isEmpty { headers["cloudEvents:subject"] = .string(event.subject) }
        self.init(
            properties: AMQPProperties(messageID: id, type: E.type, contentType: "application/json", headers: headers),
            body: [UInt8](try encoder.encode(event)))
    }

    /// - Throws: `ServiceError` where the body is no such event.
    public func decode<E: Event>(_ event: E.Type) throws -> E {
        let version = properties.headers["cloudEvents:dataversion"]?.int.flatMap { Int(exactly: $0) } ?? 1
        let oldest = properties.headers["cloudEvents:dataminversion"]?.int.flatMap { Int(exactly: $0) }
        return try ContractDecoder.decode(event, body, version: version, minimumReaderVersion: oldest)
    }
}

extension TestBroker {
    /// Publishes an event as a service of another name would.
    /// - Parameter id: a random one where none is given.
    /// - Throws: `AMQPError`, as `AMQPPublisher.publish`.
    public func publish<E: Event>(_ event: E, to exchange: String, id: String = UUID().uuidString.lowercased()) async throws {
        var message = try AMQPMessage(event, id: id)
        message.properties.timestamp = Int64(clock.now.timeIntervalSince1970.rounded(.down))
        let publisher = publisher()
        try await publisher.publish(message, to: exchange, routingKey: E.type, deadline: .now + Self.publishPatience)
        await publisher.close()
    }

    private static let publishPatience: Duration = .seconds(10)
}
