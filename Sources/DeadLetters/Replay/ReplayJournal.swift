import FoundationEssentials

/// What is being sent back, written down before the first message goes: so that a supervisor that takes another's place goes on with it,
/// under the same ids.
struct ReplayJournal: Codable, Equatable {
    var id: String
    var queue: String
    var keys: [LetterKey]

    private static let suffix = ".replay"

    func replayID(_ position: Int) -> String { "\(id)-\(position)" }

    func write(folder: String) throws(DeadLetterError) {
        guard let data = try? JSONEncoder().encode(self) else { throw DeadLetterError(.invalid, "the replay cannot be written down") }
        try DurableFile.write(data, to: path(folder))
    }

    func remove(folder: String) { DurableFile.remove(path(folder)) }

    private func path(_ folder: String) -> String { "\(folder)/\(id)\(Self.suffix)" }

    static func all(folder: String) -> [ReplayJournal] {
        DurableFile.names(in: folder, suffix: suffix).compactMap { name in
            guard let bytes = try? DurableFile.read("\(folder)/\(name)") else { return nil }
            return try? JSONDecoder().decode(ReplayJournal.self, from: Data(bytes))
        }
    }

    /// 64 random bits.
    static func makeID() -> String { LetterKey.hexadecimal(.random(in: .min ... .max), digits: 16) }
}
