/// One version of an event's contract, as ServiceKit's `ContractFolder` recorded it.
package struct RecordedContract: Sendable {
    package var type: String
    package var version: Int
    /// Readers of this version and newer ones can read it as it is.
    package var minimumReaderVersion: Int
    /// JSON Schema.
    var schema: JSONText
}

extension RecordedContract {
    /// Nil: it is none, and the log says why.
    init?(from file: ContractFile, log: MistakeLog) {
        guard let root = YAMLSource.compose(file.text, log: log) else {
            if log.mistakes.isEmpty { log.report("the file is empty, expected a recorded contract", line: 1, column: 1) }
            return nil
        }
        let advice = "; records are written by the contract test, not by hand: take it from the version control again"
        let place = Field.place(root)
        guard case .object(let members)? = JSONText(root) else {
            log.report("found no object, expected a recorded contract\(advice)", at: place)
            return nil
        }
        func member(_ name: String) -> JSONText? { members.first { $0.0 == name }?.1 }
        guard case .string(let type)? = member("type"), RoutingKey.isEventType(type), case .integer(let version)? = member("version"),
            version >= 1, let schema = member("schema"), case .object = schema
        else {
            log.report("expected \"type\", \"version\" and \"schema\" of an event\(advice)", at: place)
            return nil
        }
        var oldest = version
        if case .integer(let number)? = member("minimum_reader_version") { oldest = number }
        self.init(type: type, version: version, minimumReaderVersion: oldest, schema: schema)
    }
}
