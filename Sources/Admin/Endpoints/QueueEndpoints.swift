import HTTPTypes
import Hummingbird
import Supervision

/// The broker's queues and the messages that nobody could handle.
enum QueueEndpoints {
    static let deadLetterLimit = 1...500
    static let replayLimit = 1...100_000

    static func all(_ control: any SupervisorControl) -> [Endpoint] { [queues(control), deadLetters(control), replay(control)] }

    struct Queues: Encodable {
        var queues: [QueueStatus]
    }

    struct DeadLetters: Encodable {
        var messages: [DeadLetterStatus]

        private enum CodingKeys: String, CodingKey {
            case messages = "dead_letters"
        }
    }

    private static func queues(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/queues", summary: "The declared queues and what waits in them",
            answers: [.json(.ok, "The queues.", .list("queues", of: "QueueStatus"))], problems: [.badGateway, .serviceUnavailable]
        ) { _, _ in
            Response(json: Queues(queues: try await control.queues()))
        }
    }

    private static func deadLetters(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/dead-letters", summary: "Messages that failed for good, with their cause; they stay where they are",
            query: [
                .init(name: "queue", description: "Only those that came from this queue.", schema: ["type": "string"]),
                .number("limit", "The most to answer (100).", deadLetterLimit),
            ],
            answers: [.json(.ok, "The messages.", .list("dead_letters", of: "DeadLetterStatus"))],
            problems: [.badRequest, .notFound, .badGateway, .serviceUnavailable]
        ) { request, _ in
            let limit = try request.number("limit", in: deadLetterLimit) ?? 100
            let letters = try await control.deadLetters(queue: request.text("queue"), limit: limit)
            return Response(json: DeadLetters(messages: letters))
        }
    }

    private static func replay(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .post, path: "/v1/dead-letters/{queue}/replay", summary: "Send dead letters back to the queue they came from",
            query: [.number("limit", "The most to send back (all).", replayLimit)],
            answers: [
                .json(
                    .ok, "How many went back.",
                    ["type": "object", "required": ["replayed"], "properties": ["replayed": ["type": "integer"]]])
            ], problems: [.badRequest, .notFound, .badGateway, .serviceUnavailable]
        ) { request, context in
            let limit = try request.number("limit", in: replayLimit) ?? replayLimit.upperBound
            let count = try await control.replay(queue: context.parameter("queue"), limit: limit)
            return Response(json: JSONValue.object(["replayed": .number(count)]))
        }
    }
}
