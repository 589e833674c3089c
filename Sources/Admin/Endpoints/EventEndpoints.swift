import HTTPTypes
import Hummingbird
import Supervision

/// Every transition, with its cause.
enum EventEndpoints {
    static let limit = 1...1000

    struct Events: Encodable {
        var events: [TransitionRecord]
    }

    static func all(_ control: any SupervisorControl, _ streams: ServerSentEvents) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/events", summary: "Every transition of a service or an instance, with its cause",
                query: [
                    .number("after", "Those with a greater sequence, from the first of them on; Last-Event-ID does the same.", 0...Int.max),
                    .number("limit", "The most to answer (100): with after the first ones, else the newest.", limit),
                    .text("service", "Only those of this service, from as far back as the audit log goes."),
                    .flag("follow", "Go on with those to come, as server-sent events."),
                ],
                answers: [
                    .init(
                        status: .ok, description: "The transitions, oldest first.",
                        content: [
                            "application/json": .list("events", of: "TransitionRecord"), "text/event-stream": ["type": "string"],
                        ])
                ], problems: [.badRequest]
            ) { request, _ in
                let limit = try request.number("limit", in: limit) ?? 100
                let lastSeen = request.headers[.lastEventID].flatMap { Int($0) }.map { max(0, $0) }
                let after = try request.number("after", in: 0...Int.max) ?? lastSeen
                let service = request.text("service")
                guard try request.flag("follow") else {
                    return Response(json: Events(events: await control.transitions(of: service, after: after, limit: limit)))
                }
                return try streams.response(to: request) {
                    await TransitionStream.elements(of: control, after: after, limit: limit, service: service)
                }
            }
        ]
    }
}
