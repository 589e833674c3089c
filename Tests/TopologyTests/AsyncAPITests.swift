import Foundation
import Testing
import Yams

@testable import Topology

/// The AsyncAPI document against the rules of AsyncAPI 3.0.0 and of its AMQP bindings 0.3.0, written out here.
struct AsyncAPITests {
    private static let records = [
        ContractFile(
            path: "contracts/order.created.v1.json",
            text:
                #"{"type": "order.created", "version": 1, "schema": {"$schema": "x", "title": "OrderCreated", "type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}"#
        ),
        ContractFile(
            path: "contracts/order.created.v2.json",
            text:
                ##"{"type": "order.created", "version": 2, "minimum_reader_version": 1, "schema": {"title": "OrderCreated", "type": "object", "properties": {"tree": {"$ref": "#/$defs/Tree"}}, "$defs": {"Tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Tree"}}}}}}"##
        ),
    ]

    private func document(_ text: String = MessagingMistakes.file) throws -> AsyncAPIDocument {
        AsyncAPIDocument(try Topology.parse(text, file: "t"), contracts: try ContractCatalogue(Self.records))
    }

    private func object(_ text: String = MessagingMistakes.file) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(try document(text).json().utf8)) as? [String: Any])
    }

    private func member<T>(
        _ object: Any?, _ path: String..., as type: T.Type = [String: Any].self, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> T {
        var value = object
        for part in path { value = (value as? [String: Any])?[part] }
        return try #require(value as? T, "\(path)", sourceLocation: sourceLocation)
    }

    private func resolve(_ reference: String, in document: [String: Any]) -> Any? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(document as Any?) { value, part in
            (value as? [String: Any])?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }

    private func references(in value: Any) -> [String] {
        switch value {
        case let object as [String: Any]:
            object.flatMap { key, value in key == "$ref" ? [value as? String ?? ""] : references(in: value) }
        case let list as [Any]: list.flatMap(references)
        default: []
        }
    }

    /// The fields that the specification knows for each kind of object; `x-` may stand anywhere.
    private static let fields: [String: Set<String>] = [
        "document": ["asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"],
        "server": [
            "host", "protocol", "protocolVersion", "pathname", "description", "title", "summary", "variables", "security", "tags",
            "bindings",
        ],
        "channel": ["address", "messages", "title", "summary", "description", "servers", "parameters", "tags", "externalDocs", "bindings"],
        "operation": [
            "action", "channel", "title", "summary", "description", "security", "tags", "externalDocs", "bindings", "traits", "messages",
            "reply",
        ],
        "message": [
            "headers", "payload", "correlationId", "contentType", "name", "title", "summary", "description", "tags", "bindings", "examples",
            "traits",
        ],
        "exchange": ["name", "type", "durable", "autoDelete", "vhost"],
        "queue": ["name", "durable", "exclusive", "autoDelete", "vhost"],
        "amqp channel": ["is", "exchange", "queue", "bindingVersion"],
        "amqp operation": [
            "expiration", "userId", "cc", "priority", "deliveryMode", "mandatory", "bcc", "timestamp", "ack", "bindingVersion",
        ],
        "amqp message": ["contentEncoding", "messageType", "bindingVersion"],
    ]

    private func expectFields(_ object: [String: Any], of kind: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let known = try #require(Self.fields[kind])
        let unknown = object.keys.filter { !known.contains($0) && !$0.hasPrefix("x-") }
        #expect(unknown.isEmpty, "\(kind) has \(unknown)", sourceLocation: sourceLocation)
    }

    private func check(_ document: [String: Any]) throws {
        try expectFields(document, of: "document")
        #expect(document["asyncapi"] as? String == "3.0.0")
        _ = try member(document, "info", "title", as: String.self)
        _ = try member(document, "info", "version", as: String.self)
        for (name, server) in try member(document, "servers", as: [String: [String: Any]].self) {
            try expectFields(server, of: "server")
            #expect(server["host"] is String && server["protocol"] as? String == "amqp" && !name.isEmpty)
            #expect(((server["host"] as? String) ?? "/").contains { "/@".contains($0) } == false)
        }
        for reference in references(in: document) { #expect(resolve(reference, in: document) != nil, "\(reference)") }
        let components = try member(document, "components", as: [String: [String: Any]].self)
        let names = try Regex("[a-zA-Z0-9._-]+")
        for part in components.values { for key in part.keys { #expect(try names.wholeMatch(in: key) != nil, "\(key)") } }
        for message in try #require(components["messages"]).values {
            let message = try #require(message as? [String: Any])
            try expectFields(message, of: "message")
            if let headers = message["headers"] as? [String: Any] { #expect(headers["type"] as? String == "object") }
            if let bindings = message["bindings"] as? [String: [String: Any]] {
                try expectFields(bindings["amqp"] ?? [:], of: "amqp message")
            }
        }
        let channels = try member(document, "channels", as: [String: [String: Any]].self)
        for (name, channel) in channels {
            try expectFields(channel, of: "channel")
            #expect(try names.wholeMatch(in: name) != nil && channel.keys.contains("address"))
            let binding = try member(channel, "bindings", "amqp")
            try expectFields(binding, of: "amqp channel")
            let kind = try #require(binding["is"] as? String)
            #expect(["queue", "routingKey"].contains(kind) && binding["bindingVersion"] as? String == "0.3.0")
            let part = kind == "queue" ? "queue" : "exchange"
            let described = try member(binding, part)
            try expectFields(described, of: part)
            #expect((described["name"] as? String ?? "").utf8.count <= 255)
            if part == "exchange" { #expect(["topic", "direct", "fanout", "default", "headers"].contains(described["type"] as? String)) }
        }
        let operations = try member(document, "operations", as: [String: [String: Any]].self)
        for (name, operation) in operations {
            try expectFields(operation, of: "operation")
            #expect(["send", "receive"].contains(operation["action"] as? String), "\(name)")
            let channel = try member(operation, "channel", "$ref", as: String.self)
            #expect(channel.hasPrefix("#/channels/") && channel.split(separator: "/").count == 3)
            // A subset of the messages of its own channel.
            for message in operation["messages"] as? [[String: String]] ?? [] {
                #expect(message["$ref"]?.hasPrefix(channel + "/messages/") == true)
            }
            try expectFields(try member(operation, "bindings", "amqp"), of: "amqp operation")
            if let location = (operation["reply"] as? [String: [String: String]])?["address"]?["location"] {
                #expect(location.hasPrefix("$message.header#/") || location.hasPrefix("$message.payload#/"))
            }
        }
    }

    @Test func followsTheSpecification() throws {
        try check(try object())
        try check(try object(wholeFile.replacing("managed: true", with: "url: \"amqp://shop@broker.internal:5671/shop/live\"")))
        try check(try object("name: bare"))
        try check(
            try object(
                "name: n\nservices: { a: { command: a, depends_on: [broker] } }\nexchanges: { 'a:b': {} }\nqueues: { 'q:r': { consumer: a } }\nroutes: [{ path: /a, queue: 'q:r' }]"
            ))
    }

    @Test func servicesSendAndReceiveWhatTheTopologySays() throws {
        let document = try object()
        #expect(
            Set(try member(document, "operations").keys) == [
                "order.send.order.created", "order.send.order.confirmed", "payment.send.payment.success", "payment.send.payment.failed",
                "order.receive.order.events", "payment.receive.payment.orders", "mail.receive.mail.orders", "files.receive.FileBrowser",
            ])
        let sent = try member(document, "operations", "order.send.order.created", "messages", as: [[String: String]].self)
        #expect(sent == [["$ref": "#/channels/events.shop.events.order.created/messages/order.created.v2"]])
        let received = try member(document, "operations", "payment.receive.payment.orders", "messages", as: [[String: String]].self)
        #expect(received.map { $0["$ref"]?.split(separator: "/").last } == ["order.created.v1", "order.created.v2"])
        #expect(
            try member(document, "operations", "payment.receive.payment.orders", "summary", as: String.self)
                == "payment handles each once; one that fails rests in payment.orders.dead.")
        #expect(
            try member(document, "operations", "files.receive.FileBrowser", "reply", "address", "location", as: String.self).hasSuffix(
                "reply_to"))
        #expect(try member(document, "channels", "events.shop.events.order.created", "address", as: String.self) == "order.created")
        #expect(
            try member(document, "channels", "events.shop.events.order.created", "bindings", "amqp", "exchange", "type", as: String.self)
                == "topic")
        #expect(try member(document, "channels").keys.contains("events.shop.audit"))
        #expect(try member(document, "servers", "broker", "pathname", as: String.self) == "/shop")
        // An event without a record has no schema.
        #expect(try member(document, "components", "messages", "payment.success")["payload"] == nil)
    }

    @Test func schemasOfTheRecordsKeepTheirDefinitions() throws {
        let document = try object()
        #expect(
            try member(document, "components", "messages", "order.created.v2", "payload", "$ref", as: String.self)
                == "#/components/schemas/order.created.v2")
        let tree = "#/components/schemas/order.created.v2.Tree"
        #expect(
            try member(document, "components", "schemas", "order.created.v2", "properties", "tree", "$ref", as: String.self) == tree)
        #expect(
            try member(document, "components", "schemas", "order.created.v2.Tree", "properties", "next", "$ref", as: String.self) == tree)
        let headers = try member(document, "components", "messages", "order.created.v2", "headers", "properties")
        #expect((headers["cloudEvents:dataminversion"] as? [String: Any])?["const"] as? Int == 1)
    }

    private func canonical(yaml: String) throws -> String { try canonical(try #require(try Yams.load(yaml: yaml))) }
    private func canonical(json: String) throws -> String { try canonical(JSONSerialization.jsonObject(with: Data(json.utf8))) }
    private func canonical(_ value: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value, options: .sortedKeys), as: UTF8.self)
    }

    @Test func yamlSaysTheSame() throws {
        for text in [MessagingMistakes.file, wholeFile, "name: bare"] {
            let document = try document(text)
            #expect(try canonical(yaml: document.yaml()) == canonical(json: document.json()))
        }
    }

    @Test(arguments: [
        "", "no", "Off", "1", "1.5", "-", "- a", "a: b", "a #b", "~", "null", "\"", "\\", "\u{1}", "a\nb", " a", "ü", "0x1", "a.b", "Y",
        "e1", "..", "=", "<<",
    ])
    func textsAreTextsInYAML(text: String) throws {
        let value = JSONText.object([(text, .array([.string(text), .object([]), .array([]), .null, .array([.array([.string(text)])])]))])
        #expect(try canonical(yaml: value.yaml()) == canonical(json: value.written()))
    }
}
