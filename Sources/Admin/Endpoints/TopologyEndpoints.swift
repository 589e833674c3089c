import HTTPTypes
import Hummingbird
import Supervision

/// The file against what runs, and the end of everything.
enum TopologyEndpoints {
    static func all(_ control: any SupervisorControl) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/plan", summary: "What applying the topology file would do; nothing is changed",
                answers: [.json(.ok, "The plan.", .reference("ApplyPlan"))], problems: [.unprocessableContent, .serviceUnavailable]
            ) { _, _ in
                Response(json: try await control.plan())
            },
            Endpoint(
                method: .post, path: "/v1/apply", summary: "Make what runs match the topology file; what is the same is not touched",
                answers: [.json(.accepted, "What has been begun.", .reference("ApplyPlan"))],
                problems: [.conflict, .unprocessableContent, .serviceUnavailable]
            ) { _, context in
                Response(json: try await control.apply(actor: context.actor), status: .accepted)
            },
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
}
