/// One line that an instance printed.
package struct LogLine: Codable, Sendable, Equatable {
    package var service: String
    package var instance: Int
    /// ISO 8601 with microseconds, as the keeper wrote it; empty when the line has none.
    package var time: String
    /// `out` or `err`.
    package var stream: String
    /// `trace` to `critical`: a JSON line's own, else `info` for what came on stdout and `error` for stderr.
    package var level: String
    package var text: String

    /// - Parameter time: of the line before, for a line that has none.
    init(_ parts: LogLineParts, service: String, instance: Int, time: LogTimestamp) {
        self.service = service
        self.instance = instance
        self.time = time.text
        stream = parts.isError ? "err" : "out"
        level = LogLevel(text: parts.text, isError: parts.isError).rawValue
        text = String(decoding: parts.text, as: UTF8.self)
    }

    /// For a terminal or a pipe.
    package var plain: String { "\(time) \(service)/\(instance) \(stream) \(text)" }
}
