import Yams

extension Topology {
    /// Where recorded contracts are looked for when the file does not say.
    package static let defaultContracts = "contracts"

    /// Reads a topology file and checks it whole.
    ///
    /// - Parameters:
    ///   - yaml: the file's text.
    ///   - file: its name, for the mistakes.
    ///   - contracts: looks into the folder of the recorded contracts, whose path is relative to the file's own.
    /// - Throws: every mistake found, with its place; nothing has been acted upon by then.
    package static func parse(
        _ yaml: String, file: String, contracts: (_ folder: String) -> ContractSource = { _ in .unread }
    ) throws(TopologyMistakes) -> Topology {
        try parse(yaml, file: file, isInForce: false, contracts: contracts)
    }

    /// Reads the copy of a file that was applied, perhaps by an earlier Signalbox, which did not check all that this one does: what runs by it
    /// goes on.
    package static func parse(applied yaml: String, file: String) throws(TopologyMistakes) -> Topology {
        try parse(yaml, file: file, isInForce: true) { _ in .unread }
    }

    private static func parse(
        _ yaml: String, file: String, isInForce: Bool, contracts: (_ folder: String) -> ContractSource
    ) throws(TopologyMistakes) -> Topology {
        let log = MistakeLog(file: file)
        let root = YAMLSource.compose(yaml, log: log)
        if root == nil, log.mistakes.isEmpty {
            log.report("the file is empty, expected a topology; begin with \"name: …\"", line: 1, column: 1)
        }
        guard let root else { throw TopologyMistakes(log.mistakes) }
        let topology = Topology(from: Field(root, path: FieldPath(), log: log))
        let validator = TopologyValidator(topology: topology, log: log)
        validator.validate()
        var elsewhere: [TopologyMistake] = []
        if !isInForce {
            validator.validateMessaging()
            elsewhere = validator.validateContracts(contracts(topology.contracts ?? defaultContracts))
        }
        guard log.mistakes.isEmpty, elsewhere.isEmpty else { throw TopologyMistakes(log.mistakes + elsewhere) }
        return topology
    }

    private init(from field: Field) {
        let reader = ObjectReader(field, FileKey.self)
        var name = reader[.name]?.string() ?? ""
        if let field = reader[.name], !name.isEmpty, !TopologyNames.isServiceName(name) {
            field.reportFound(expected: TopologyNames.serviceWords)
            name = ""
        }
        self.init(
            name: name,
            broker: reader[.broker].map { Server(broker: $0) },
            database: reader[.database].map { Server(from: $0, schemes: ["postgres", "postgresql"]) },
            cache: reader[.cache].map { Server(from: $0, schemes: ["redis"]) },
            admin: reader[.admin].map { AdminEndpoint(from: $0) } ?? AdminEndpoint())
        logs = reader[.logs].map { LogRules(from: $0, else: LogRules()) } ?? LogRules()
        contracts = reader[.contracts]?.nonemptyString(expected: "a folder")
        services = Self.named(reader[.services], of: "services by name") { Service(name: $0, from: $1, logs: logs) }
        exchanges = Self.named(reader[.exchanges], of: "exchanges by name") { Exchange(name: $0, from: $1) }
        queues = Self.named(reader[.queues], of: "queues by name") { Queue(name: $0, from: $1) }
        routes = reader[.routes]?.list(of: "routes").map { Route(from: $0) } ?? []
        if broker == nil, needsBroker { broker = .managed }
    }

    /// Only supervision needs none.
    private var needsBroker: Bool {
        !exchanges.isEmpty || !queues.isEmpty || routes.contains { if case .queue = $0.target { true } else { false } }
            || services.contains { !$0.publishes.isEmpty || $0.dependsOn.contains { $0.name == "broker" } }
    }

    private static func named<Value>(_ field: Field?, of expected: String, _ make: (String, Field) -> Value) -> [Value] {
        field?.entries(expected: "a map of \(expected)").map { make($0.name, $0.value) } ?? []
    }
}
