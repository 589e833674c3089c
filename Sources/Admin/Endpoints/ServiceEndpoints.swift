import HTTPTypes
import Hummingbird
import Supervision

/// Services and their instances: how they are, how many there should be, and starting and stopping them.
enum ServiceEndpoints {
    private typealias Verb = (name: String, summary: String, act: Act)
    private typealias Act = @Sendable (any SupervisorControl, String, String) async throws -> ServiceStatus

    static func all(_ control: any SupervisorControl) -> [Endpoint] {
        [list(control), one(control), scale(control)] + verbs.map { verb($0, control) }
    }

    private static func list(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/services", summary: "The whole topology: its state, its addresses and every service",
            answers: [.json(.ok, "The topology.", .reference("TopologyStatus"))]
        ) { _, _ in
            Response(json: await control.status())
        }
    }

    private static func one(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/services/{name}", summary: "One service and its instances",
            answers: [.json(.ok, "The service.", .reference("ServiceStatus"))], problems: [.notFound]
        ) { _, context in
            Response(json: try await control.status(of: context.name()))
        }
    }

    private struct Scale: Decodable {
        var instances: Int
    }

    private static func scale(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .put, path: "/v1/services/{name}/scale", summary: "How many instances there should be",
            requestBody: .init(
                schema: [
                    "type": "object", "required": ["instances"], "properties": ["instances": ["type": "integer", "minimum": 0]],
                ], example: ["instances": 3]),
            answers: [.json(.accepted, "The service; its instances follow.", .reference("ServiceStatus"))],
            problems: [.badRequest, .notFound, .conflict, .contentTooLarge, .unprocessableContent]
        ) { request, context in
            let wish = try await request.json(Scale.self, example: #"{"instances": 3}"#)
            return Response(json: try await control.scale(context.name(), to: wish.instances, actor: context.actor), status: .accepted)
        }
    }

    private static let verbs: [Verb] = [
        ("start", "Start a service that was stopped or has failed", { try await $0.start($1, actor: $2) }),
        ("stop", "Stop a service until it is started again", { try await $0.stop($1, actor: $2) }),
        ("restart", "Restart a service, one instance after the other", { try await $0.restart($1, actor: $2) }),
    ]

    private static func verb(_ verb: Verb, _ control: any SupervisorControl) -> Endpoint {
        let act = verb.act
        return Endpoint(
            method: .post, path: "/v1/services/{name}/\(verb.name)", summary: verb.summary,
            answers: [.json(.accepted, "The service; its instances follow.", .reference("ServiceStatus"))],
            problems: [.notFound, .conflict]
        ) { _, context in
            Response(json: try await act(control, context.name(), context.actor), status: .accepted)
        }
    }
}
