import FoundationEssentials
import Supervision

/// A place in the logs of several instances, as a word that a client keeps to go on from there: over rotations, restarts of the supervisor
/// and days.
struct LogCursor: Sendable, Equatable {
    struct Key: Sendable, Hashable {
        var service: String
        var instance: Int

        init(_ log: LogFile) {
            service = log.service
            instance = log.instance
        }

        fileprivate init(service: String, instance: Int) {
            self.service = service
            self.instance = instance
        }
    }

    private static let version = "1"
    /// Without it the word has been cut short on its way.
    private static let end = "."
    /// Of a time and of an offset: far above all there are, and far below what cannot be counted on from.
    private static let maximumNumber: UInt64 = 1 << 62
    /// Characters of the word; room for a thousand instances.
    static let maximumLength = 64 << 10

    /// When it was made: a log that it does not name is read from then on.
    var time: LogTimestamp
    var positions: [Key: LogPosition]

    init(time: LogTimestamp, positions: [Key: LogPosition]) {
        self.time = time
        self.positions = positions
    }

    func position(of log: LogFile) -> LogPosition {
        positions[Key(log)] ?? LogPosition(inode: 0, offset: 0, time: time)
    }

    /// - Returns: Nil when it is no cursor of ours.
    init?(_ word: some StringProtocol) {
        guard word.utf8.count <= Self.maximumLength else { return nil }
        var text = String(word.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text), let plain = String(data: data, encoding: .utf8) else { return nil }
        let entries = plain.split(separator: "\n", omittingEmptySubsequences: false)
        guard entries.count >= 3, entries[0] == Self.version, entries.last == Substring(Self.end), let time = UInt64(entries[1], radix: 36),
            time <= Self.maximumNumber
        else { return nil }
        self.init(time: LogTimestamp(value: time), positions: [:])
        for entry in entries.dropFirst(2).dropLast() {
            let parts = entry.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 5, let instance = Int(parts[1]), let inode = UInt(parts[2], radix: 36),
                let offset = Int(parts[3], radix: 36), offset >= 0, offset <= Self.maximumNumber,
                let last = UInt64(parts[4], radix: 36), last <= Self.maximumNumber
            else { return nil }
            positions[Key(service: String(parts[0]), instance: instance)] = LogPosition(
                inode: inode, offset: offset, time: LogTimestamp(value: last))
        }
    }

    var word: String {
        var entries = [Self.version, String(time.value, radix: 36)]
        for (key, position) in positions.sorted(by: { ($0.key.service, $0.key.instance) < ($1.key.service, $1.key.instance) }) {
            let numbers = [String(position.inode, radix: 36), String(position.offset, radix: 36), String(position.time.value, radix: 36)]
            entries.append("\(key.service) \(key.instance) \(numbers.joined(separator: " "))")
        }
        entries.append(Self.end)
        // As RFC 4648 has it for URLs.
        let word = Data(entries.joined(separator: "\n").utf8).base64EncodedString()
        return String(word.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}
