import Foundation
import HTTPClient
import Supervision
import TestSupport
import Testing
import Topology

@testable import Admin

@Suite struct EndpointTests {
    @Test func readinessTellsWhatIsMissing() async throws {
        try await RunningAdmin.with { admin in
            let ready = try await admin.send("GET", "/health/ready", headers: []).json["containment"] as? String
            #expect(ready == "cgroup2")
            admin.control.set(\.status, FakeSupervisor.shop(state: .starting))
            let answer = try await admin.send("GET", "/health/ready", headers: [])
            #expect(answer.status == 503)
            #expect(answer.json["status"] as? String == "starting")
            let missing = try #require(answer.json["missing"] as? [[String: Any]])
            #expect(missing.map { $0["service"] as? String } == ["order"])
            #expect(missing.first?["reason"] as? String == "waits for database")
        }
    }

    @Test func aStuckSupervisorIsNotLive() async throws {
        try await RunningAdmin.with { admin in
            admin.control.set(\.isStuck, true)
            try await admin.expect(503, "GET", "/health/live", headers: [])
        }
    }

    @Test func servicesAreAnswered() async throws {
        try await RunningAdmin.with { admin in
            let all = try await admin.send("GET", "/v1/services")
            let topology = try JSONDecoder().decode(TopologyStatus.self, from: Data(all.body))
            #expect(topology == FakeSupervisor.shop(state: .ready))
            let one = try await admin.send("GET", "/v1/services/order")
            let service = try JSONDecoder().decode(ServiceStatus.self, from: Data(one.body))
            #expect(service.name == "order")
            let head = try await admin.send("HEAD", "/v1/services").body.isEmpty
            #expect(head)
            let none = try await admin.send("GET", "/v1/services/nobody")
            #expect(none.status == 404)
            #expect(none.json["detail"] as? String == "there is no service nobody")
        }
    }

    @Test func scalingTakesWhatCurlSends() async throws {
        try await RunningAdmin.with { admin in
            let answer = try await admin.send(
                "PUT", "/v1/services/order/scale", body: #"{"instances": 3}"#,
                headers: [("Authorization", "Bearer \(admin.token)"), ("Content-Type", "application/x-www-form-urlencoded")])
            #expect(answer.status == 202)
            #expect(admin.control.calls == ["scale order 3 by admin token"])
        }
    }

    @Test(arguments: ["", "{", #"{"instances": "three"}"#, #"{"count": 3}"#, "[3]", "instances=3"])
    func aWrongBodyIsSaidToBeSo(body: String) async throws {
        try await RunningAdmin.with { admin in
            let answer = try await admin.send("PUT", "/v1/services/order/scale", body: body)
            #expect(answer.status == 400)
            #expect((answer.json["hint"] as? String)?.contains(#"{"instances": 3}"#) == true)
            #expect(admin.control.calls.isEmpty)
        }
    }

    @Test func aBodyThatIsTooLongIsRefused() async throws {
        try await RunningAdmin.with { admin in
            let body = String(repeating: " ", count: 65 << 10)
            try await admin.expect(413, "PUT", "/v1/services/order/scale", body: body)
        }
    }

    @Test func theSupervisorsErrorsHaveTheirStatus() async throws {
        try await RunningAdmin.with { admin in
            let mistake = TopologyMistake(file: "topology.yaml", line: 3, column: 5, message: "unknown key")
            let cases: [(SupervisorError, Int)] = [
                (SupervisorError(.invalidCount(allowed: 1...4), "order may have 1 to 4"), 422),
                (SupervisorError(.conflict, "it stops"), 409),
                (SupervisorError(.invalidTopology([mistake]), "the file has a mistake"), 422), (SupervisorError(.notReady, "not yet"), 503),
                (SupervisorError(.broker, "the broker is away"), 502), (SupervisorError(.keeper, "the keeper refused"), 500),
            ]
            for (error, status) in cases {
                admin.control.set(\.error, error)
                let answer = try await admin.send("POST", "/v1/services/order/restart")
                #expect(answer.status == status)
                #expect(answer.json["detail"] as? String == error.message)
                #expect(answer.header("Content-Type") == "application/problem+json")
            }
            admin.control.set(\.error, cases[2].0)
            let mistakes = try await admin.send("POST", "/v1/apply").json["mistakes"] as? [[String: Any]]
            #expect(mistakes?.first?["line"] as? Int == 3)
            admin.control.set(\.error, cases[0].0)
            let limited = try await admin.send("PUT", "/v1/services/order/scale", body: #"{"instances": 9}"#).json["maximum"] as? Int
            #expect(limited == 4)
        }
    }

    @Test func unknownPathsAndMethodsAreToldApart() async throws {
        try await RunningAdmin.with { admin in
            let unknown = try await admin.send("GET", "/v1/nothing")
            #expect(unknown.status == 404)
            #expect((unknown.json["hint"] as? String)?.contains("/openapi.json") == true)
            let wrong = try await admin.send("DELETE", "/v1/services/order/scale")
            #expect(wrong.status == 405)
            #expect(wrong.header("Allow") == "PUT")
            for path in [
                "/v1/services/order/restart", "/v1/services/order/stop", "/v1/services/order/start", "/v1/services/order/scale",
                "/v1/apply",
                "/v1/upgrade", "/v1/shutdown", "/v1/dead-letters/order.events/replay",
            ] {
                // Whoever only looks must not act.
                let head = try await admin.send("HEAD", path)
                #expect(head.status == 405, "\(path)")
                #expect(head.header("Allow") == (path.hasSuffix("scale") ? "PUT" : "POST"))
                try await admin.expect(405, "GET", path)
            }
            #expect(admin.control.calls.isEmpty)
            let wrongPost = try await admin.send("POST", "/v1/services").header("Allow")
            #expect(wrongPost == "GET, HEAD")
        }
    }

    @Test func verbsReachTheSupervisor() async throws {
        try await RunningAdmin.with { admin in
            for verb in ["start", "stop", "restart"] {
                try await admin.expect(202, "POST", "/v1/services/order/\(verb)")
            }
            try await admin.expect(200, "GET", "/v1/plan")
            try await admin.expect(202, "POST", "/v1/apply")
            try await admin.expect(200, "GET", "/v1/plan?prune")
            try await admin.expect(202, "POST", "/v1/apply?prune=true")
            #expect(
                admin.control.calls == [
                    "start order", "stop order", "restart order", "plan", "apply", "plan, pruning", "apply, pruning",
                ])
        }
    }

    @Test func shutdownAnswersBeforeItIsDone() async throws {
        try await RunningAdmin.with { admin in
            try await admin.expect(202, "POST", "/v1/shutdown")
            try await eventually { admin.control.calls == ["shutdown asked for by admin token"] }
        }
    }

    @Test func anUpgradeIsPassedOn() async throws {
        try await RunningAdmin.with { admin in
            try await admin.expect(202, "POST", "/v1/upgrade")
            try await admin.expect(202, "POST", "/v1/upgrade", body: #"{"executable": null}"#)
            try await admin.expect(202, "POST", "/v1/upgrade", body: #"{"executable": "/opt/new"}"#)
            try await admin.expect(400, "POST", "/v1/upgrade", body: #"{"executable": "new"}"#)
            try await admin.expect(400, "POST", "/v1/upgrade", body: #"{"executable": 7}"#)
            #expect(
                admin.control.calls == [
                    "upgrade in place by admin token", "upgrade in place by admin token", "upgrade /opt/new by admin token",
                ])
            admin.control.set(\.error, SupervisorError(.conflict, "the new executable does not run"))
            try await admin.expect(409, "POST", "/v1/upgrade")
        }
    }

    @Test func theStoryIsAnswered() async throws {
        try await RunningAdmin.with { admin in
            admin.control.happen(FakeSupervisor.transition(4))
            let answer = try await admin.send("GET", "/v1/services/order/why")
            let story = try JSONDecoder().decode(Story.self, from: Data(answer.body))
            #expect(story.events.map(\.text) == ["It became ready: its readiness probe succeeded (status 200)."])
            #expect(story.now.first == "order is ready: 2 of 2 instances are ready.")
            try await admin.expect(200, "GET", "/v1/services/order/why?instance=2")
            try await admin.expect(404, "GET", "/v1/services/order/why?instance=9")
            try await admin.expect(404, "GET", "/v1/services/nobody/why")
            try await admin.expect(400, "GET", "/v1/services/order/why?limit=0")
        }
    }

    @Test func eventsOfOneServiceCanBeAskedFor() async throws {
        try await RunningAdmin.with { admin in
            admin.control.happen(FakeSupervisor.transition(1))
            let mine = try await admin.send("GET", "/v1/events?service=order").json["events"] as? [Any]
            #expect(mine?.count == 1)
            let others = try await admin.send("GET", "/v1/events?service=payment").json["events"] as? [Any]
            #expect(others?.isEmpty == true)
        }
    }

    @Test func queuesAreAnswered() async throws {
        try await RunningAdmin.with { admin in
            let queues = try #require(try await admin.send("GET", "/v1/queues").json["queues"] as? [[String: Any]])
            #expect(queues.first?["unacknowledged"] as? Int == 2)
        }
    }

    @Test func theDashboardRunsNothingButItsOwn() async throws {
        try await RunningAdmin.with { admin in
            let first = try await admin.send("GET", "/", headers: [])
            let second = try await admin.send("GET", "/", headers: [])
            let policy = try #require(first.header("Content-Security-Policy"))
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(policy != second.header("Content-Security-Policy"))
            let nonce = try #require(policy.split(separator: "'").first { $0.hasPrefix("nonce-") }?.dropFirst("nonce-".count))
            #expect(first.text.contains("<script nonce=\"\(nonce)\">"))
            #expect(!first.text.contains("https://"))
            #expect(!first.text.contains("http://"))
            #expect(!first.text.contains(admin.token))
            #expect(first.header("X-Content-Type-Options") == "nosniff")
        }
    }
}
