extension AsyncAPIDocument {
    private static let definitions = "#/$defs/"

    /// Of each recorded version, the newest last; one without a version where none is recorded.
    func messageNames(of event: String) -> [String] {
        let versions = catalogue.versions(of: event)
        return versions.isEmpty ? [event] : versions.map { Self.name(of: $0) }
    }

    func receivedMessages(of queue: Queue) -> [String] {
        var seen: Set<String> = []
        let events = flow.events(takenBy: queue).flatMap { messageNames(of: $0.event) }.filter { seen.insert($0).inserted }
        return flow.isRequested(queue.name) ? events + [Self.requestName(of: queue.name)] : events
    }

    private static func name(of contract: RecordedContract) -> String { "\(contract.type).v\(contract.version)" }
    private static func requestName(of queue: String) -> String { AsyncAPIDocument.identifier("\(queue).request") }

    var messages: [(String, JSONText)] {
        var seen: Set<String> = []
        let events = topology.services.flatMap { service in service.publishes.flatMap { service.publishedEvents[$0] ?? [] } }
            .filter { seen.insert($0).inserted }
        let known = events.flatMap { event -> [(String, JSONText)] in
            let versions = catalogue.versions(of: event)
            return versions.isEmpty ? [(event, message(of: event, nil))] : versions.map { (Self.name(of: $0), message(of: event, $0)) }
        }
        return known + topology.queues.filter { flow.isRequested($0.name) }.map { (Self.requestName(of: $0.name), request(to: $0)) }
    }

    private func message(of event: String, _ contract: RecordedContract?) -> JSONText {
        var members: [(String, JSONText)] = [("name", .string(event))]
        if let contract, case .object(let schema) = contract.schema, let title = schema.first(where: { $0.0 == "title" })?.1 {
            members.append(("title", title))
        }
        members += [("contentType", .string("application/json")), ("headers", headers(of: event, contract))]
        if let contract { members.append(("payload", Self.reference("components", "schemas", Self.name(of: contract)))) }
        members.append(("bindings", amqp([("messageType", .string(event))])))
        return .object(members)
    }

    /// CloudEvents 1.0 in binary mode, as ServiceKit maps it to AMQP 0-9-1.
    private func headers(of event: String, _ contract: RecordedContract?) -> JSONText {
        let text = JSONText.object([("type", .string("string"))])
        var properties: [(String, JSONText)] = [
            ("cloudEvents:specversion", .object([("type", .string("string")), ("const", .string("1.0"))])),
            ("cloudEvents:id", text),
            ("cloudEvents:type", .object([("type", .string("string")), ("const", .string(event))])),
            ("cloudEvents:source", text),
            ("cloudEvents:subject", text),
            ("cloudEvents:time", .object([("type", .string("string")), ("format", .string("date-time"))])),
            (
                "cloudEvents:dataversion",
                .object([("type", .string("integer"))] + (contract.map { [("const", .integer($0.version))] } ?? []))
            ),
            ("traceparent", text),
        ]
        if let contract, contract.minimumReaderVersion != contract.version {
            properties.append(
                (
                    "cloudEvents:dataminversion",
                    .object([("type", .string("integer")), ("const", .integer(contract.minimumReaderVersion))])
                ))
        }
        return .object([
            ("type", .string("object")), ("properties", .object(properties)),
            (
                "required",
                .array(["cloudEvents:id", "cloudEvents:source", "cloudEvents:specversion", "cloudEvents:type"].map { .string($0) })
            ),
        ])
    }

    private func request(to queue: Queue) -> JSONText {
        .object([
            ("name", .string(Self.requestName(of: queue.name))),
            ("title", .string("A request to \(queue.name)")),
            ("description", .string("Put there by the gateway; its property expiration is what is left of the client's deadline.")),
            ("correlationId", .object([("location", .string("$message.header#/correlation_id"))])),
        ])
    }

    /// Each contract's schema, its definitions moved to where a reference from this document finds them.
    var schemas: [(String, JSONText)] {
        catalogue.contracts.flatMap { contract -> [(String, JSONText)] in
            let name = Self.name(of: contract)
            guard case .object(let members) = contract.schema else { return [] }
            var definitions: [(String, JSONText)] = []
            if case .object(let defined)? = members.first(where: { $0.0 == "$defs" })?.1 { definitions = defined }
            let root = JSONText.object(members.filter { $0.0 != "$defs" && $0.0 != "$schema" })
            return [(name, moved(root, of: name))] + definitions.map { ("\(name).\($0.0)", moved($0.1, of: name)) }
        }
    }

    private func moved(_ schema: JSONText, of name: String) -> JSONText {
        switch schema {
        case .object(let members):
            .object(
                members.map { key, value in
                    if key == "$ref", case .string(let text) = value, text.hasPrefix(Self.definitions) {
                        return (key, .string("#/components/schemas/\(name).\(text.dropFirst(Self.definitions.count))"))
                    }
                    return (key, moved(value, of: name))
                })
        case .array(let values): .array(values.map { moved($0, of: name) })
        default: schema
        }
    }
}
