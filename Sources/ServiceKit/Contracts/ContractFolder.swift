import FoundationEssentials

/// The committed record of published contracts: a folder with a file for each contract and version.
///
///     @Test func contractsAreAsPublished() throws {
///         let environment = ProcessInfo.processInfo.environment
///         try ContractFolder("contracts").verify(ShopEvents.all, isRecording: environment["RECORD_CONTRACTS"] == "1")
///     }
public struct ContractFolder: Sendable {
    private let path: String

    /// - Parameter path: of the folder; it need not be there before the first record is written.
    public init(_ path: String) { self.path = path }

    /// Checks that every event is in the record and has not changed in a way that would break what is running or on its way.
    ///
    /// - Parameters:
    ///   - events: every event that the team's services publish.
    ///   - isRecording: whether what is new is written. What is incompatible never is.
    /// - Throws: `ContractMistakes`, or why the folder cannot be read or written.
    public func verify(_ events: [any Event.Type], isRecording: Bool = false) throws {
        let (records, unreadable) = try read()
        let check = ContractCheck(events, records: records)
        var mistakes = unreadable + check.mistakes
        if isRecording, mistakes.allSatisfy({ $0.kind == .unrecorded }) {
            try write(check.unrecorded)
            mistakes = []
        }
        guard mistakes.isEmpty else { throw ContractMistakes(mistakes: mistakes) }
    }

    private func read() throws -> (records: [ContractRecord], unreadable: [ContractMistake]) {
        guard FileManager.default.fileExists(atPath: path) else { return ([], []) }
        var records: [ContractRecord] = []
        var unreadable: [ContractMistake] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where name.hasSuffix(".json") {
            do {
                let record = try ContractRecord(text: String(decoding: try Data(contentsOf: url(name)), as: UTF8.self))
                guard record.fileName == name else {
                    throw ServiceError(
                        .invalidContract, "it holds \(record.type) version \(record.version), whose file is \(record.fileName); rename it")
                }
                records.append(record)
            } catch {
                unreadable.append(
                    ContractMistake(
                        kind: .unreadable, subject: "\(path)/\(name)",
                        message: "the record cannot be understood: \(error). Take it from the version control again."))
            }
        }
        return (records, unreadable)
    }

    private func write(_ records: [ContractRecord]) throws {
        guard !records.isEmpty else { return }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for record in records { try Data(try record.text().utf8).write(to: url(record.fileName), options: .atomic) }
    }

    private func url(_ name: String) -> URL { URL(filePath: path).appending(path: name) }
}
