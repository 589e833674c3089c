/// The AsyncAPI 3.0 document of a topology: its broker, its exchanges' events and its queues as channels, and what each service sends and
/// receives, with AMQP 0-9-1 bindings (version 0.3.0) and the payloads' JSON Schemas from the recorded contracts.
///
/// Identifiers: channel `events.<exchange>.<type>` for each event, `queues.<queue>` for each queue; operation `<service>.send.<type>`,
/// `<service>.receive.<queue>`; message `<type>.v<version>`.
package struct AsyncAPIDocument {
    static let bindingVersion = "0.3.0"

    let topology: Topology
    let catalogue: ContractCatalogue
    let flow: MessageFlow
    private let version: String

    /// - Parameters:
    ///   - topology: a valid one.
    ///   - version: that of the document itself, which AsyncAPI asks for.
    package init(_ topology: Topology, contracts: ContractCatalogue, version: String = "1.0.0") {
        self.topology = topology
        catalogue = contracts
        flow = MessageFlow(topology)
        self.version = version
    }

    package func json() -> String { document.written() + "\n" }
    package func yaml() -> String { document.yaml() }

    var document: JSONText {
        .object([
            ("asyncapi", .string("3.0.0")),
            (
                "info",
                .object([
                    ("title", .string(topology.name)), ("version", .string(version)),
                    (
                        "description",
                        .string(
                            "Written by `signalbox export asyncapi` from the topology and the recorded contracts. Events are CloudEvents 1.0."
                        )
                    ),
                ])
            ),
            ("defaultContentType", .string("application/json")),
            ("servers", .object(topology.broker.map { [("broker", server($0))] } ?? [])),
            ("channels", .object(channels)),
            ("operations", .object(operations)),
            ("components", .object([("messages", .object(messages)), ("schemas", .object(schemas))])),
        ])
    }

    private func server(_ broker: Server) -> JSONText {
        var members: [(String, JSONText)] = []
        switch broker {
        case .managed:
            members = [
                ("host", .string("localhost")), ("pathname", .string("/\(topology.name)")),
                ("description", .string("A private RabbitMQ that Signalbox runs; each service is handed its address in AMQP_URL.")),
            ]
        case .external(let server):
            let address = server.url.split(separator: "://", maxSplits: 1).last.map(String.init) ?? server.url
            let parts = address.split(separator: "/", maxSplits: 1).map(String.init)
            let authority = parts.first.map { $0.split(separator: "@").last.map(String.init) ?? $0 } ?? address
            members = [("host", .string(authority))]
            if parts.count > 1 { members.append(("pathname", .string("/" + parts[1]))) }
        }
        return .object(members + [("protocol", .string("amqp")), ("protocolVersion", .string("0-9-1"))])
    }

    var virtualHost: String {
        guard case .external(let server) = topology.broker else { return topology.name }
        let path = server.url.split(separator: "://", maxSplits: 1).last?.split(separator: "/", maxSplits: 1).dropFirst().first
        return path.map(String.init) ?? "/"
    }

    /// Without the colon, which AsyncAPI's identifiers cannot have.
    static func identifier(_ text: String) -> String { text.replacing(":", with: "_") }

    static func reference(_ path: String...) -> JSONText {
        let escaped = path.map { $0.replacing("~", with: "~0").replacing("/", with: "~1") }
        return .object([("$ref", .string("#/" + escaped.joined(separator: "/")))])
    }
}
