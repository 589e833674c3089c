import HTTPTypes
import Hummingbird
import Supervision

/// The broker's queues.
enum QueueEndpoints {
    static func all(_ control: any SupervisorControl) -> [Endpoint] { [queues(control)] }

    struct Queues: Encodable {
        var queues: [QueueStatus]
    }

    private static func queues(_ control: any SupervisorControl) -> Endpoint {
        Endpoint(
            method: .get, path: "/v1/queues", summary: "The declared queues and what waits in them",
            answers: [.json(.ok, "The queues.", .list("queues", of: "QueueStatus"))], problems: [.badGateway, .serviceUnavailable]
        ) { _, _ in
            Response(json: Queues(queues: try await control.queues()))
        }
    }
}
