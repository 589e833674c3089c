import HTTPTypes
import Hummingbird
import Supervision

/// What has become of a service, in sentences.
enum StoryEndpoints {
    static let sentences = 1...1000
    private static let defaultSentences = 50
    /// The transitions that are looked at: enough for a story with the longest spells of restarts summed up.
    private static let transitions = 5000

    static func all(_ control: any SupervisorControl) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/services/{name}/why",
                summary: "The story of a service: what it is now, how it came to be so, and what a person can do",
                query: [
                    .number("instance", "Only this instance's, and the service's as a whole.", 1...Int.max),
                    .number("limit", "The most sentences about the past, the newest ones (50).", sentences),
                ],
                answers: [.json(.ok, "The story.", .reference("Story"))], problems: [.badRequest, .notFound, .serviceUnavailable]
            ) { request, context in
                let name = try context.name()
                let instance = try request.number("instance", in: 1...Int.max)
                let limit = try request.number("limit", in: sentences) ?? defaultSentences
                let status = try await control.status(of: name)
                let records = try await control.history(of: name, limit: transitions)
                if let instance, !status.instances.contains(where: { $0.instance == instance }),
                    !records.contains(where: { $0.instance == instance })
                {
                    throw Problem(
                        .notFound, "\(name) has no instance \(instance), and never had as far as the audit log goes.",
                        hint: "It has \(status.desired) of them.")
                }
                return Response(json: StoryWriter(records, status: status, instance: instance).story(limit: limit))
            }
        ]
    }
}
