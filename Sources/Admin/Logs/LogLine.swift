/// One line that an instance printed.
package struct LogLine: Codable, Sendable, Equatable {
    package var service: String
    package var instance: Int
    /// ISO 8601 with microseconds, as the keeper wrote it.
    package var time: String
    /// `out` or `err`.
    package var stream: String
    package var text: String

    /// - Parameter line: `2026-11-21T12:00:00.123456Z out text`; what is not of that form is all text.
    init(_ line: some StringProtocol, service: String, instance: Int) {
        self.service = service
        self.instance = instance
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 3, parts[1] == "out" || parts[1] == "err", parts[0].last == "Z" {
            time = String(parts[0])
            stream = String(parts[1])
            text = String(parts[2])
        } else {
            time = ""
            stream = "out"
            text = String(line)
        }
    }

    /// For a terminal.
    var plain: String { "\(time) \(service)/\(instance) \(stream) \(text)" }
}
