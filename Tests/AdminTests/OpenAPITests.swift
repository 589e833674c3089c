import DeadLetters
import Foundation
import HTTPClient
import Supervision
import Testing
import Topology

@testable import Admin

@Suite struct OpenAPITests {
    private func description() async throws -> [String: Any] {
        let document = OpenAPIDescription(
            endpoints: EndpointCatalogue(
                control: FakeSupervisor(),
                configuration: AdminConfiguration(stateDirectory: "/tmp", version: "1")
            ).endpoints, version: "1"
        ).document
        return try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(document)) as? [String: Any])
    }

    @Test func everyPathIsThere() async throws {
        let paths = try #require(try await description()["paths"] as? [String: [String: Any]])
        for path in [
            "/health/live", "/health/ready", "/v1/services", "/v1/services/{name}", "/v1/services/{name}/scale",
            "/v1/services/{name}/start",
            "/v1/services/{name}/stop", "/v1/services/{name}/restart", "/v1/services/{name}/logs", "/v1/services/{name}/why", "/v1/logs",
            "/v1/upgrade", "/v1/events", "/v1/plan", "/v1/apply",
            "/v1/queues", "/v1/dead-letters", "/v1/dead-letters/{queue}/replay", "/v1/shutdown", "/metrics", "/openapi.json", "/",
        ] {
            #expect(paths[path] != nil, "\(path)")
        }
        #expect(paths["/v1/services/{name}/scale"]?.keys.sorted() == ["put"])
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        let description = try await description()
        let schemas = try #require((description["components"] as? [String: Any])?["schemas"] as? [String: Any])
        var references: Set<String> = []
        func collect(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String { references.insert(reference) }
                object.values.forEach(collect)
            } else if let array = value as? [Any] {
                array.forEach(collect)
            }
        }
        collect(description)
        #expect(!references.isEmpty)
        for reference in references { #expect(schemas[String(reference.split(separator: "/").last ?? "")] != nil, "\(reference)") }
    }

    @Test func schemasNameWhatIsAnswered() throws {
        let instance = InstanceStatus(
            instance: 1, state: "ready", pid: 1, port: 2, startedAt: "2026-11-21T12:00:00Z", restarts: 0, lastExit: "status 1",
            reason: "why", beside: .init(role: .old, state: "stopping", pid: 2, port: 3))
        let service = ServiceStatus(
            name: "order", kind: .service, state: .ready, reason: "why", desired: 1, ready: 1, instances: [instance])
        var topology = FakeSupervisor.shop(state: .starting)
        topology.services = [service]
        try check("InstanceStatus", instance)
        try check("BesideStatus", InstanceStatus.Beside(role: .old, state: "stopping", pid: 2, port: 3))
        try check("ServiceStatus", service)
        try check("TopologyStatus", topology)
        try check("TransitionRecord", FakeSupervisor.transition(1))
        try check("QueueStatus", FakeSupervisor.queue)
        try check("DeadLetterSummary", FakeDeadLetters.summary)
        try check("DeadLetterDetail", FakeDeadLetters.detail)
        try check("DeadLetterOverview", FakeDeadLetters.overview)
        try check("DeadLetterGroup", FakeDeadLetters.group)
        try check("DeadLetterQueueStatus", DeadLetterOverview.QueueStatus(queue: "q", count: 1, problem: "p"))
        try check("DeadLetterPage", DeadLetterPage(letters: [FakeDeadLetters.summary], total: 1))
        try check("DeadLetterSelection", DeadLetterSelection(ids: [], group: "", type: "", cause: "", subject: "", limit: 1, all: true))
        try check("ReplayReport", FakeDeadLetters.report(isDryRun: false))
        try check("ReplayStatus", FakeDeadLetters.status)
        try check("Overtaking", ReplayReport.Overtaking(subject: "s", staying: ["1"], overtakenBy: "2"))
        try check("DiscardReport", DiscardReport(queue: "q", count: 1, ids: ["1"], isDryRun: true))
        try check("ApplyPlan", ApplyPlan())
        try check("ApplyStep", ApplyPlan.Step(service: "order", action: .rolling))
        let text = Array("2026-11-21T12:00:00.000001Z out x".utf8)
        try check("LogLine", text.withUnsafeBytes { LogLine(LogLineParts($0), service: "order", instance: 1, time: .now) })
        let story = StoryWriter([FakeSupervisor.transition(1)], status: service, instance: 1).story(limit: 1)
        try check("Story", story)
        try check("StoryEvent", Story.Event(time: "2026-11-21T12:00:00Z", until: "2026-11-21T12:00:01Z", instance: 1, text: "It ended."))
        try check("Health", HealthEndpoints.Health(FakeSupervisor.shop(state: .starting)))
    }

    private func check(_ name: String, _ value: some Encodable) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
        guard case .object(let schema) = OpenAPISchemas.all[name], case .object(let properties) = schema["properties"],
            case .array(let required) = schema["required"]
        else {
            Issue.record("there is no schema \(name)")
            return
        }
        #expect(Set(object.keys).subtracting(properties.keys).isEmpty, "\(name) answers what its schema does not name")
        for member in required {
            guard case .string(let member) = member else { continue }
            #expect(object[member] != nil || name == "TopologyStatus", "\(name) lacks \(member)")
        }
    }
}
