import FoundationEssentials

/// Bodies that a person has changed, until their letters are sent back or discarded.
///
/// The letter itself stays where it is in the queue, so that it keeps its place in the order of its subject.
struct EditStore {
    struct Edit: Codable, Equatable {
        var queue: String
        var key: LetterKey
        /// Seconds since 1970.
        var time: Int64
        var body: [UInt8]

        private enum CodingKeys: String, CodingKey {
            case queue, key, time, body
        }

        init(queue: String, key: LetterKey, time: Int64, body: [UInt8]) {
            self.queue = queue
            self.key = key
            self.time = time
            self.body = body
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            queue = try container.decode(String.self, forKey: .queue)
            key = try container.decode(LetterKey.self, forKey: .key)
            time = try container.decode(Int64.self, forKey: .time)
            body = Array(try container.decode(Data.self, forKey: .body))
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(queue, forKey: .queue)
            try container.encode(key, forKey: .key)
            try container.encode(time, forKey: .time)
            try container.encode(Data(body), forKey: .body)
        }
    }

    private struct Name: Hashable {
        var queue: String
        var key: LetterKey
    }

    static let most = 1000
    private static let suffix = ".edit"

    private let folder: String
    /// When each was made.
    private var times: [Name: Int64] = [:]

    /// - Parameter folder: it is there.
    init(folder: String) {
        self.folder = folder
        for name in DurableFile.names(in: folder, suffix: Self.suffix) {
            guard let edit = Self.load("\(folder)/\(name)") else { continue }
            times[Name(queue: edit.queue, key: edit.key)] = edit.time
        }
    }

    private static func load(_ path: String) -> Edit? {
        guard let bytes = try? DurableFile.read(path) else { return nil }
        return try? JSONDecoder().decode(Edit.self, from: Data(bytes))
    }

    func isEdited(queue: String, _ key: LetterKey) -> Bool { times[Name(queue: queue, key: key)] != nil }

    func edit(queue: String, _ key: LetterKey) -> Edit? {
        guard isEdited(queue: queue, key), let edit = Self.load(path(queue, key)), edit.queue == queue, edit.key == key else { return nil }
        return edit
    }

    mutating func set(_ edit: Edit) throws(DeadLetterError) {
        let name = Name(queue: edit.queue, key: edit.key)
        guard times[name] != nil || times.count < Self.most else {
            throw DeadLetterError(.invalid, "\(Self.most) dead letters are edited already: send some of them back, or discard them")
        }
        guard let data = try? JSONEncoder().encode(edit) else { throw DeadLetterError(.invalid, "the edit cannot be written") }
        try DurableFile.write(data, to: path(edit.queue, edit.key))
        times[name] = edit.time
    }

    mutating func remove(queue: String, _ key: LetterKey) {
        guard times.removeValue(forKey: Name(queue: queue, key: key)) != nil else { return }
        DurableFile.remove(path(queue, key))
    }

    private func path(_ queue: String, _ key: LetterKey) -> String {
        var hash = ContentHash()
        hash.add(queue.utf8)
        hash.add(key.messageID.utf8)
        hash.add(key.content)
        return "\(folder)/\(LetterKey.hexadecimal(hash.value, digits: 16))\(Self.suffix)"
    }
}
