extension AsyncAPIDocument {
    static func channel(of event: String, on exchange: String) -> String { identifier("events.\(exchange).\(event)") }
    /// Of an exchange whose events the file does not name.
    static func channel(of exchange: String) -> String { identifier("events.\(exchange)") }
    static func channel(of queue: Queue) -> String { identifier("queues.\(queue.name)") }

    var channels: [(String, JSONText)] {
        topology.exchanges.flatMap(eventChannels) + topology.queues.map { (Self.channel(of: $0), channel($0)) }
    }

    private func eventChannels(_ exchange: Exchange) -> [(String, JSONText)] {
        var seen: Set<String> = []
        let events = flow.publishers(of: exchange.name).flatMap { $0.publishedEvents[exchange.name] ?? [] }
            .filter { seen.insert($0).inserted }
        let known = events.map { event in
            (
                Self.channel(of: event, on: exchange.name),
                JSONText.object([
                    ("address", .string(event)),
                    ("description", .string("Published to the exchange \(exchange.name) with this routing key.")),
                    ("messages", .object(messageNames(of: event).map { ($0, Self.reference("components", "messages", $0)) })),
                    ("bindings", bindings(exchange)),
                ])
            )
        }
        guard flow.events(on: exchange) == nil else { return known }
        let open = JSONText.object([
            ("address", .null), ("description", .string("Events of the exchange \(exchange.name) whose types the topology does not name.")),
            ("messages", .object([])), ("bindings", bindings(exchange)),
        ])
        return known + [(Self.channel(of: exchange.name), open)]
    }

    private func channel(_ queue: Queue) -> JSONText {
        var members: [(String, JSONText)] = [
            ("address", .string(queue.name)),
            ("description", .string("The queue that \(queue.consumer) reads.")),
            (
                "messages",
                .object(receivedMessages(of: queue).map { ($0, Self.reference("components", "messages", $0)) })
            ),
            (
                "bindings",
                amqp([
                    ("is", .string("queue")),
                    (
                        "queue",
                        .object([
                            ("name", .string(queue.name)), ("durable", .boolean(queue.durable)), ("exclusive", .boolean(false)),
                            ("autoDelete", .boolean(false)), ("vhost", .string(virtualHost)),
                        ])
                    ),
                ])
            ),
        ]
        if !queue.bindings.isEmpty {
            let bound = queue.bindings.map { JSONText.object([("exchange", .string($0.exchange)), ("key", .string($0.key))]) }
            members.append(("x-signalbox-bindings", .array(bound)))
        }
        return .object(members)
    }

    private func bindings(_ exchange: Exchange) -> JSONText {
        amqp([
            ("is", .string("routingKey")),
            (
                "exchange",
                .object([
                    ("name", .string(exchange.name)), ("type", .string(exchange.kind.rawValue)), ("durable", .boolean(exchange.durable)),
                    ("autoDelete", .boolean(false)), ("vhost", .string(virtualHost)),
                ])
            ),
        ])
    }

    func amqp(_ members: [(String, JSONText)]) -> JSONText {
        .object([("amqp", .object(members + [("bindingVersion", .string(Self.bindingVersion))]))])
    }
}
