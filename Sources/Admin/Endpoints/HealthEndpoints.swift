import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import Supervision

/// For systemd, load balancers and people. Without a token: they tell states, and nothing that could be misused.
enum HealthEndpoints {
    /// How long the supervisor may take to answer before it counts as stuck.
    static let livenessTimeout = Duration.seconds(2)

    static func all(_ control: any SupervisorControl, version: String) -> [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/health/live", summary: "Whether the supervisor's working loop answers", isPublic: true,
                answers: [
                    .json(.ok, "It answers.", OpenAPISchemas.health), .json(.serviceUnavailable, "It is stuck.", OpenAPISchemas.health),
                ]
            ) { _, _ in
                let isLive = await control.answers(within: livenessTimeout)
                var health = Health(status: isLive ? "live" : "stuck")
                // By these an upgrade is told from its predecessor.
                health.version = version
                health.pid = Int(getpid())
                return Response(json: health, status: isLive ? .ok : .serviceUnavailable)
            },
            Endpoint(
                method: .get, path: "/health/ready", summary: "Whether everything that is declared is ready, and what is missing",
                isPublic: true,
                answers: [
                    .json(.ok, "Everything is ready.", OpenAPISchemas.health),
                    .json(.serviceUnavailable, "Something is missing.", OpenAPISchemas.health),
                ]
            ) { _, _ in
                let status = await control.status()
                var response = Response(json: Health(status), status: status.state == .ready ? .ok : .serviceUnavailable)
                if status.state != .ready { response.headers[.retryAfter] = "1" }
                return response
            },
        ]
    }

    struct Health: Encodable {
        struct Missing: Encodable {
            var service: String
            var state: String
            var ready: Int
            var desired: Int
            var reason: String?
        }

        var status: String
        var name: String?
        var reason: String?
        var containment: String?
        var version: String?
        var pid: Int?
        var missing: [Missing]?
        var broker: BrokerStatus?

        init(status: String) { self.status = status }

        init(_ topology: TopologyStatus) {
            status = topology.state.rawValue
            name = topology.name
            reason = topology.reason
            containment = topology.containment
            broker = topology.broker
            missing = topology.services.filter { $0.isMissing }.map {
                Missing(service: $0.name, state: $0.state.rawValue, ready: $0.ready, desired: $0.desired, reason: $0.reason)
            }
        }
    }
}

extension ServiceStatus {
    /// Whether the whole waits for it. What a person stopped, and what has done its work, is not missed.
    fileprivate var isMissing: Bool {
        switch state {
        case .ready, .completed, .stopped, .scheduled: false
        case .waiting, .starting, .degraded, .stopping, .failed: true
        }
    }
}

extension SupervisorControl {
    fileprivate func answers(within limit: Duration) async -> Bool {
        let (answers, continuation) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingOldest(1))
        // Not structured: a supervisor that is stuck would keep a task group from ending, and this answer with it.
        let question = Task {
            _ = await status()
            continuation.yield(true)
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.yield(false)
        }
        defer {
            question.cancel()
            timer.cancel()
        }
        return await answers.first { _ in true } ?? false
    }
}
