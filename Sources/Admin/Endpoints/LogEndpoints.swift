import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Supervision

/// What the instances of a service print.
enum LogEndpoints {
    static let lines = 0...10_000
    private static let defaultLines = 100

    static func all(_ control: any SupervisorControl, _ streams: ServerSentEvents) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/services/{name}/logs",
                summary: "The last lines that a service's instances printed, and those to come",
                query: [
                    .number("lines", "How many of the last lines (100).", lines),
                    .number("instance", "Only this instance.", 1...Int.max),
                    .flag("follow", "Go on with the lines to come, as server-sent events."),
                ],
                answers: [
                    .init(
                        status: .ok, description: "The lines, oldest first: JSON, one a line; as text with Accept: text/plain.",
                        content: [
                            "application/x-ndjson": .reference("LogLine"), "text/plain": ["type": "string"],
                            "text/event-stream": ["type": "string"],
                        ])
                ], problems: [.badRequest, .notFound, .serviceUnavailable]
            ) { request, context in
                let follower = LogFollower(
                    service: try context.name(), instance: try request.number("instance", in: 1...Int.max),
                    lines: try request.number("lines", in: lines) ?? defaultLines, control: control)
                _ = try await control.status(of: follower.service)
                if try request.flag("follow") { return try streams.response(to: request) { follower } }
                let lines = try await LogReader(follower.files()).past(follower.lines)
                return request.headers[.accept]?.contains("text/plain") == true ? plain(lines) : json(lines)
            }
        ]
    }

    private static func plain(_ lines: [LogLine]) -> Response {
        Response(text: lines.map { $0.plain + "\n" }.joined().utf8, contentType: "text/plain; charset=utf-8")
    }

    private static func json(_ lines: [LogLine]) -> Response {
        let encoder = JSONEncoder.admin()
        let body = lines.compactMap { try? encoder.encode($0) }.flatMap { $0 + [UInt8(ascii: "\n")] }
        return Response(text: body, contentType: "application/x-ndjson")
    }
}
