import DeadLetters
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Supervision

/// The messages that failed for good: to look at, to edit, to send back and to delete.
enum DeadLetterEndpoints {
    static let limit = 1...10_000
    private static let replayLimit = 1...1_000_000
    /// A path's queue that stands for whichever has the letter.
    static let anyQueue = "-"
    private static let problems: [HTTPResponse.Status] = [.badRequest, .notFound, .conflict, .badGateway, .serviceUnavailable]

    static func all(_ control: any SupervisorControl) -> [Endpoint] {
        [
            groups(control), letters(control), letter(control), edit(control), revert(control), replay(control), replayed(control),
            discard(control),
        ]
    }

    struct Edit: Codable {
        var body: String
        var isBase64: Bool?
        /// A JSON body has to be JSON again.
        var isChecked: Bool?

        private enum CodingKeys: String, CodingKey {
            case body
            case isBase64 = "is_base64"
            case isChecked = "check"
        }
    }

    private static let filters: [Endpoint.QueryParameter] = [
        .text("queue", "Only those that came from this queue."), .text("group", "Only this group, as /v1/dead-letter-groups names it."),
        .text("type", "Only messages of this type."), .text("cause", "Only those whose cause holds this, letter for letter."),
        .text("subject", "Only those of this subject, the key of their order."),
    ]

    private static func selection(_ request: Request) -> DeadLetterSelection {
        DeadLetterSelection(
            group: request.text("group"), type: request.text("type"), cause: request.text("cause"), subject: request.text("subject"))
    }

    private static func groups(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/dead-letter-groups",
            summary: "Dead letters counted by queue, type and cause; causes that differ only in ids and numbers count as one",
            query: filters,
            answers: [.json(.ok, "The groups, the largest first.", .reference("DeadLetterOverview"))], problems: problems
        ) { request, _ in
            Response(json: try await control.deadLetters().overview(queue: request.text("queue"), selection(request)))
        }
    }

    private static func letters(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/dead-letters",
            summary: "Messages that failed for good, in their queues' order; they stay where they are",
            query: filters + [
                .number("offset", "How many to leave out from the beginning.", 0...Int.max),
                .number("limit", "The most to answer (100).", limit),
            ],
            answers: [.json(.ok, "The messages, and how many there are in all.", .reference("DeadLetterPage"))], problems: problems
        ) { request, _ in
            let page = try await control.deadLetters().letters(
                queue: request.text("queue"), selection(request), offset: try request.number("offset", in: 0...Int.max) ?? 0,
                limit: try request.number("limit", in: limit) ?? 100)
            return Response(json: page)
        }
    }

    private static func letter(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/dead-letters/{queue}/letters/{id}",
            summary: "All of one dead letter; with - as the queue, from whichever has it",
            answers: [.json(.ok, "The dead letter.", .reference("DeadLetterDetail"))], problems: problems
        ) { _, context in
            Response(json: try await control.deadLetters().letter(queue: try context.queue(), id: context.parameter("id")))
        }
    }

    private static func edit(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .put, path: "/v1/dead-letters/{queue}/letters/{id}/body",
            summary: "Give a dead letter another body, with which it will be sent back; it keeps its id and its place",
            requestBody: .init(
                schema: [
                    "type": "object", "required": ["body"],
                    "properties": [
                        "body": ["type": "string"], "is_base64": ["type": "boolean"], "check": ["type": "boolean", "default": true],
                    ],
                ], example: ["body": #"{"order_id": "17"}"#]),
            answers: [.json(.ok, "The dead letter as it is now.", .reference("DeadLetterDetail"))], problems: problems
        ) { request, context in
            // In JSON a byte takes up to six.
            let edit = try await request.json(
                Edit.self, example: #"{"body": "{\"order_id\": \"17\"}"}"#, atMost: DeadLetterService.longestBody * 6)
            guard let bytes = edit.isBase64 == true ? Data(base64Encoded: edit.body).map(Array.init) : Array(edit.body.utf8) else {
                throw Problem(.badRequest, "The body is not valid base64, as is_base64 says it is.")
            }
            let letter = try await control.deadLetters().edit(
                queue: try context.queue(), id: context.parameter("id"), body: bytes, isChecked: edit.isChecked ?? true,
                actor: context.actor)
            return Response(json: letter)
        }
    }

    private static func revert(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .delete, path: "/v1/dead-letters/{queue}/letters/{id}/body", summary: "Take the edit of a dead letter back",
            answers: [.json(.ok, "The dead letter as it is now.", .reference("DeadLetterDetail"))], problems: problems
        ) { _, context in
            let letter = try await control.deadLetters().revertEdit(
                queue: try context.queue(), id: context.parameter("id"), actor: context.actor)
            return Response(json: letter)
        }
    }

    private static let selectionBody = Endpoint.RequestBodyDescription(
        schema: .reference("DeadLetterSelection"), example: ["ids": ["0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d"]], isRequired: false)
    private static let selectionExample = #"{"ids": ["…"]}, {"group": "…"} or {"all": true}"#

    private static func replay(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .post, path: "/v1/dead-letters/{queue}/replay",
            summary: "Send dead letters back to the queue they came from, in their order; all of them where the body names none",
            query: [
                .flag("dry_run", "Only say what would be sent, and which would overtake others of their subject."),
                .flag("force", "Also those that are so old that the service may have forgotten that it handled them."),
                .number("limit", "Only the first so many.", replayLimit),
            ], requestBody: selectionBody,
            answers: [
                .json(.ok, "It is done, or nothing was to be done.", .reference("ReplayReport")),
                .json(.accepted, "It goes on: /v1/replays/{id} says how far it is.", .reference("ReplayReport")),
            ], problems: problems
        ) { request, context in
            var selection = try await request.json(DeadLetterSelection.self, example: selectionExample, orIfEmpty: DeadLetterSelection())
            if let limit = try request.number("limit", in: replayLimit) { selection.limit = limit }
            try check(selection)
            let report = try await control.deadLetters().replay(
                queue: context.parameter("queue"), selection, isForced: request.flag("force"), isDryRun: request.flag("dry_run"),
                actor: context.actor)
            return Response(json: report, status: report.replay?.state == .running ? .accepted : .ok)
        }
    }

    private static func replayed(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/replays/{id}", summary: "How far a replay of dead letters has come",
            answers: [.json(.ok, "The replay.", .reference("ReplayStatus"))], problems: problems
        ) { _, context in
            Response(json: try await control.deadLetters().replay(id: context.parameter("id")))
        }
    }

    private static func discard(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .post, path: "/v1/dead-letters/{queue}/discard", summary: "Delete dead letters for good",
            query: [.flag("dry_run", "Only say which they are.")], requestBody: selectionBody,
            answers: [.json(.ok, "How many.", .reference("DiscardReport"))], problems: problems
        ) { request, context in
            let selection = try await request.json(DeadLetterSelection.self, example: selectionExample, orIfEmpty: DeadLetterSelection())
            try check(selection)
            let report = try await control.deadLetters().discard(
                queue: context.parameter("queue"), selection, isDryRun: request.flag("dry_run"), actor: context.actor)
            return Response(json: report)
        }
    }

    private static func check(_ selection: DeadLetterSelection) throws(Problem) {
        guard let limit = selection.limit, !replayLimit.contains(limit) else { return }
        throw Problem(.badRequest, "limit \(limit) is not from \(replayLimit.lowerBound) to \(replayLimit.upperBound).")
    }
}

extension AdminRequestContext {
    fileprivate func queue() throws(Problem) -> String? {
        let name = try parameter("queue")
        return name == DeadLetterEndpoints.anyQueue ? nil : name
    }
}
