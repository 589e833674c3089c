import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Supervision

/// What the instances of services print.
enum LogEndpoints {
    static func all(_ control: any SupervisorControl, folder: String, _ streams: ServerSentEvents) -> [Endpoint] {
        let logs = Logs(control: control, folder: folder)
        return [
            Endpoint(
                method: .get, path: "/v1/services/{name}/logs", summary: "The lines that a service's instances printed, and those to come",
                query: parameters, answers: [answer], problems: problems
            ) { request, context in
                let name = try context.name()
                // What a service has left can be read when it is not declared any more; what never was cannot be asked for.
                if try await logs.listing(LogSelection(names: [.init(service: name)])).logs.isEmpty {
                    _ = try await control.status(of: name)
                }
                return try await respond(to: request, service: name, logs, streams)
            },
            Endpoint(
                method: .get, path: "/v1/logs", summary: "The lines of all services, or of several, in the order of time",
                query: [.text("service", "Only these services, or instances of them: order,payment/2.")] + parameters, answers: [answer],
                problems: problems
            ) { request, _ in
                try await respond(to: request, service: nil, logs, streams)
            },
        ]
    }

    private static let problems: [HTTPResponse.Status] = [.badRequest, .notFound, .serviceUnavailable]

    private static let parameters: [Endpoint.QueryParameter] = [
        .number("lines", "Begin with the last so many lines that are wanted (100, or with since all from then on).", LogQuery.lines),
        .number("instance", "Only this instance.", 1...Int.max),
        .choice(
            "level",
            "Only this level and those above it. A line that is no JSON object with a level counts as info, or on stderr as error.",
            LogLevel.allCases.map(\.rawValue)),
        .text("since", "Only from this time on: 2026-11-21T12:00:00Z, or a stretch before now such as 10m."),
        .text("until", "Only before this time."),
        .text("grep", "Only lines whose text holds this, letter for letter."),
        .text("cursor", "Go on where an earlier answer ended: its header Signalbox-Cursor. Last-Event-ID does the same for a stream."),
        .number("limit", "The most lines in one answer; an answer ends after a mebibyte of text, too.", LogQuery.pageLines),
        .number("wait", "Seconds to wait for a line when there is none.", LogQuery.waitSeconds),
        .flag("follow", "Go on with the lines to come, as server-sent events whose ids are cursors."),
    ]

    private static let answer = Endpoint.Answer(
        status: .ok, description: "The lines, oldest first: JSON, one a line; as text with Accept: text/plain.",
        content: [
            "application/x-ndjson": .reference("LogLine"), "text/plain": ["type": "string"], "text/event-stream": ["type": "string"],
        ],
        headers: [
            "Signalbox-Cursor": "Where to go on.", "Signalbox-More": "true: there are more lines already; ask again with the cursor.",
            "Signalbox-Gaps": "Instances of which lines are lost, because their files were deleted before they were read.",
        ])

    private static func respond(
        to request: Request, service: String?, _ logs: Logs, _ streams: ServerSentEvents
    ) async throws -> Response {
        let query = try LogQuery(request, service: service, lastEventID: request.headers[.lastEventID])
        if try request.flag("follow") {
            return try streams.response(to: request) { LogFollower(query: query, logs: logs) }
        }
        let (page, pager) = try await logs.page(query)
        let wantsText = request.headers[.accept]?.contains("text/plain") == true
        var response = wantsText ? plain(page.lines) : json(page.lines)
        response.headers[.cursor] = pager.cursor.word
        response.headers[.more] = String(page.hasMore)
        if !pager.gaps.isEmpty { response.headers[.gaps] = pager.gaps.joined(separator: ", ") }
        return response
    }

    private static func plain(_ lines: [LogLine]) -> Response {
        var text = ByteBuffer()
        for line in lines { text.writeString(line.plain + "\n") }
        return Response(text: text.readableBytesView, contentType: "text/plain; charset=utf-8")
    }

    private static func json(_ lines: [LogLine]) -> Response {
        let encoder = JSONEncoder.admin()
        var text = ByteBuffer()
        for line in lines {
            guard let data = try? encoder.encode(line) else { continue }
            text.writeBytes(data)
            text.writeString("\n")
        }
        return Response(text: text.readableBytesView, contentType: "application/x-ndjson")
    }
}

extension HTTPField.Name {
    static let lastEventID = admin("Last-Event-ID")
    fileprivate static let cursor = admin("Signalbox-Cursor")
    fileprivate static let more = admin("Signalbox-More")
    fileprivate static let gaps = admin("Signalbox-Gaps")
}
