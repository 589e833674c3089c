import HTTPTypes
import Hummingbird
import Supervision

/// The file against what runs, the supervisor's own replacement, and the end of everything.
enum TopologyEndpoints {
    static func all(_ control: any SupervisorControl) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/plan", summary: "What applying the topology file would do; nothing is changed",
                query: [prune], answers: [.json(.ok, "The plan.", .reference("ApplyPlan"))],
                problems: [.unprocessableContent, .serviceUnavailable]
            ) { request, _ in
                Response(json: try await control.plan(prunes: try request.flag("prune")))
            },
            Endpoint(
                method: .post, path: "/v1/apply", summary: "Make what runs match the topology file; what is the same is not touched",
                query: [prune], answers: [.json(.accepted, "What has been begun.", .reference("ApplyPlan"))],
                problems: [.conflict, .unprocessableContent, .serviceUnavailable]
            ) { request, context in
                let prunes = try request.flag("prune")
                return Response(json: try await control.apply(actor: context.actor, prunes: prunes), status: .accepted)
            },
            upgrade(control),
            Endpoint(
                method: .post, path: "/v1/shutdown", summary: "Stop everything in reverse order, Signalbox included",
                answers: [.json(.accepted, "It has begun.", ["type": "object", "properties": ["state": ["type": "string"]]])]
            ) { _, context in
                let reason = "asked for by \(context.actor)"
                // Not awaited: the answer has to be out before the supervisor, and this endpoint with it, is gone.
                Task { await control.shutdown(reason: reason) }
                return Response(json: JSONValue.object(["state": "stopping"]), status: .accepted)
            },
        ]
    }

    private static let prune = Endpoint.QueryParameter(
        name: "prune", description: "Delete what lies in the broker and is not in the file, too.", schema: ["type": "boolean"])

    private struct Upgrade: Decodable {
        var executable: String?
    }

    private struct UpgradeAnswer: Encodable {
        var executable: String?
        var state = "replacing"
    }

    private static func upgrade(_ control: any SupervisorControl) -> Endpoint {
        let example: JSONValue = ["executable": "/usr/local/bin/signalbox"]
        return Endpoint(
            method: .post, path: "/v1/upgrade",
            summary: "Have another supervisor take this one's place; what runs does not notice. One that does not come up is taken back",
            requestBody: .init(
                schema: [
                    "type": "object",
                    "properties": [
                        "executable": ["type": "string", "description": "Absolute; left out: the same path, where a new file may be."]
                    ],
                ], example: example, isRequired: false),
            answers: [.json(.accepted, "The keeper has begun. The connection may end.", .reference("Upgrade"))],
            problems: [.badRequest, .conflict, .contentTooLarge, .unprocessableContent, .serviceUnavailable]
        ) { request, context in
            let wish = try await request.json(
                Upgrade.self, example: #"{"executable": "/usr/local/bin/signalbox"}"#, orIfEmpty: Upgrade(executable: nil))
            if let path = wish.executable, !path.hasPrefix("/") {
                throw Problem(.badRequest, "executable is \(path), which is no absolute path.", hint: "Send one that begins with a slash.")
            }
            try await control.upgrade(executable: wish.executable, actor: context.actor)
            return Response(json: UpgradeAnswer(executable: wish.executable), status: .accepted)
        }
    }
}
