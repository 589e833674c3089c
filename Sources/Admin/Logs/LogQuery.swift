import Hummingbird
import Supervision

/// What a client asks of the logs, read off the query.
struct LogQuery: Sendable {
    static let lines = 0...100_000
    static let pageLines = 1...10_000
    static let waitSeconds = 0...30
    private static let defaultLines = 100

    var selection: LogSelection
    var filter: LogFilter
    var start: LogReader.Start
    /// Of one answer.
    var limit: Int
    var wait: Duration

    /// - Parameters:
    ///   - service: of the path; nil: the query's `service` says which.
    ///   - lastEventID: what a client that was cut off has seen.
    init(_ request: Request, service: String?, lastEventID: String?) throws(Problem) {
        selection = try Self.selection(request, service: service)
        filter = LogFilter(
            minimumLevel: try Self.level(request), since: try Self.time("since", request), until: try Self.time("until", request),
            text: Array((request.text("grep") ?? "").utf8))
        let lines = try request.number("lines", in: Self.lines)
        if let word = request.text("cursor") ?? lastEventID {
            guard let cursor = LogCursor(word) else {
                throw Problem(
                    .badRequest, "The cursor is none that an answer of these logs has given.",
                    hint: "Ask without a cursor, and take the new one from the answer's header Signalbox-Cursor.")
            }
            start = .cursor(cursor)
        } else if let lines {
            start = .last(lines)
        } else {
            start = filter.since == nil ? .last(Self.defaultLines) : .first
        }
        limit =
            try request.number("limit", in: Self.pageLines) ?? lines.map { max(1, min($0, Self.pageLines.upperBound)) }
            ?? Self.pageLines.upperBound
        wait = .seconds(try request.number("wait", in: Self.waitSeconds) ?? 0)
    }

    private static func selection(_ request: Request, service: String?) throws(Problem) -> LogSelection {
        let instance = try request.number("instance", in: 1...Int.max)
        if let service { return LogSelection(names: [.init(service: service)], instance: instance) }
        guard let list = request.text("service") else { return LogSelection(instance: instance) }
        guard let selection = LogSelection(list: list, instance: instance) else {
            throw Problem(.badRequest, "service=\(list) does not name services.", hint: "Write order, or order,payment/2.")
        }
        return selection
    }

    private static func level(_ request: Request) throws(Problem) -> LogLevel? {
        guard let word = request.text("level") else { return nil }
        guard let level = LogLevel(word: word) else {
            let all = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, "level=\(word) is no level.", hint: "Ask for one of \(all): it and all above it are answered.")
        }
        return level
    }

    private static func time(_ name: String, _ request: Request) throws(Problem) -> LogTimestamp? {
        guard let text = request.text(name) else { return nil }
        guard let time = LogTime.parse(text, now: LogTime.now, isLocal: false) else {
            throw Problem(
                .badRequest, "\(name)=\(text) is no time.",
                hint: "Write a time such as 2026-11-21T12:00:00Z, or a stretch before now such as 10m.")
        }
        return LogTimestamp(secondsSince1970: time)
    }
}
