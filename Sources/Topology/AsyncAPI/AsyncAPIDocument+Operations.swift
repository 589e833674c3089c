extension AsyncAPIDocument {
    var operations: [(String, JSONText)] {
        topology.services.flatMap(sendOperations)
            + topology.queues.map { (Self.identifier("\($0.consumer).receive.\($0.name)"), receiveOperation($0)) }
    }

    private func sendOperations(of service: Service) -> [(String, JSONText)] {
        service.publishes.flatMap { exchange -> [(String, JSONText)] in
            guard let events = service.publishedEvents[exchange] else {
                return [
                    (
                        Self.identifier("\(service.name).send.\(exchange)"),
                        sendOperation(of: service, by: Self.channel(of: exchange), messages: [])
                    )
                ]
            }
            return events.map { event in
                // One exchange is the rule; the type alone is the better name then.
                let isAlone = service.publishes.filter { service.publishedEvents[$0]?.contains(event) == true }.count == 1
                return (
                    Self.identifier("\(service.name).send.\(isAlone ? event : "\(exchange).\(event)")"),
                    sendOperation(
                        of: service, by: Self.channel(of: event, on: exchange), messages: messageNames(of: event).suffix(1))
                )
            }
        }
    }

    private func sendOperation(of service: Service, by channel: String, messages: some Sequence<String>) -> JSONText {
        .object([
            ("action", .string("send")),
            ("channel", Self.reference("channels", channel)),
            ("summary", .string("\(service.name) publishes it when the change that it tells of is committed.")),
            ("messages", .array(messages.map { Self.reference("channels", channel, "messages", $0) })),
            ("bindings", amqp([("deliveryMode", .integer(2)), ("mandatory", .boolean(true)), ("timestamp", .boolean(true))])),
        ])
    }

    private func receiveOperation(_ queue: Queue) -> JSONText {
        let channel = Self.channel(of: queue)
        var members: [(String, JSONText)] = [
            ("action", .string("receive")),
            ("channel", Self.reference("channels", channel)),
            ("summary", .string(summary(of: queue))),
            ("messages", .array(receivedMessages(of: queue).map { Self.reference("channels", channel, "messages", $0) })),
            ("bindings", amqp([("ack", .boolean(true))])),
        ]
        if flow.isRequested(queue.name) {
            // AMQP's own property `reply_to`, which is no header.
            let address = JSONText.object([
                ("description", .string("The queue that the request's property reply_to names; correlation_id comes back as it is.")),
                ("location", .string("$message.header#/reply_to")),
            ])
            members.append(("reply", .object([("address", address)])))
        }
        return .object(members)
    }

    private func summary(of queue: Queue) -> String {
        if flow.isRequested(queue.name) { return "\(queue.consumer) answers requests that the gateway puts into \(queue.name)." }
        guard queue.durable else { return "\(queue.consumer) reads \(queue.name)." }
        let delays = (queue.retry?.delays ?? []).map(DurationText.write).joined(separator: ", ")
        let later = delays.isEmpty ? "" : ", again after \(delays)"
        guard let retry = queue.retry else {
            return "\(queue.consumer) handles each once; one that fails rests in \(queue.deadLetterQueueName)."
        }
        return
            "\(queue.consumer) handles each once; one that fails is tried \(retry.immediate) more times at once\(later), then rests in \(queue.deadLetterQueueName)."
    }
}
