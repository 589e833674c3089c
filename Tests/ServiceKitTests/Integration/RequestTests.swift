import AMQP
import Foundation
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

struct RequestTests {
    private struct Listing: Codable, Equatable {
        var path: String
        var method: String
    }

    @Test(.timeLimit(.minutes(1))) func requestsAreAnswered() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "FileBrowser", of: "files", keys: [], isDurable: false)
        try await surroundings.manage(
            "PUT", "/api/exchanges/\(surroundings.virtualHost)/signalbox.requests", #"{"type": "direct", "durable": true}"#)
        try await surroundings.manage(
            "POST", "/api/bindings/\(surroundings.virtualHost)/e/signalbox.requests/q/FileBrowser", #"{"routing_key": "FileBrowser"}"#)
        let application = try surroundings.application("files", queues: ["FileBrowser": QueueSettings(prefetch: 4)]) {
            $0.databaseURL = nil
        }
        let begun = Atomic<Int>(0)
        application.answer(queue: "FileBrowser") { request in
            begun.add(1, ordering: .relaxed)
            switch request.parameters["path"] {
            case "missing": throw ServiceProblem(status: 404, title: "No such folder")
            case "broken": throw FailOnce.Failure()
            case "slow": try await Task.sleep(for: .seconds(60))
            default: break
            }
            return try BusReply(json: Listing(path: request.parameters["path"] ?? "", method: request.method))
        }
        try await surroundings.running(application) {
            let requester = AMQPRequester(configuration: try surroundings.configuration("ask"), logger: surroundings.logger)
            func ask(_ path: String, within limit: Duration = .seconds(10), late: Bool = false) async throws -> AMQPMessage {
                var properties = AMQPProperties(contentType: "application/json", headers: ["http-method": "GET", "http-path": "/files"])
                properties.headers["signalbox-deadline"] = .int(Timestamp.now.milliseconds + Int64((late ? -1 : limit.inSeconds * 1000)))
                return try await requester.request(
                    AMQPMessage(properties: properties, body: Array(#"{"path": "\#(path)"}"#.utf8)), exchange: "signalbox.requests",
                    routingKey: "FileBrowser", deadline: .now + limit)
            }
            let reply = try await ask("a/b")
            #expect(reply.properties.headers["status"] == 200)
            #expect(reply.properties.contentType == "application/json")
            #expect(try JSONDecoder().decode(Listing.self, from: Data(reply.body)) == Listing(path: "a/b", method: "GET"))
            #expect(try await ask("missing").properties.headers["status"] == 404)
            let broken = try await ask("broken")
            #expect(broken.properties.headers["status"] == 500)
            #expect(broken.properties.contentType == "application/problem+json")
            #expect(!String(decoding: broken.body, as: UTF8.self).contains("Failure"))
            await #expect(throws: AMQPError.self) { try await ask("slow", within: .milliseconds(300)) }
            // Its four places are free again, and what comes too late is not begun.
            for _ in 0..<4 { await #expect(throws: AMQPError.self) { try await ask("slow", within: .milliseconds(50)) } }
            let before = begun.load(ordering: .relaxed)
            await #expect(throws: AMQPError.self) { try await ask("a", within: .milliseconds(300), late: true) }
            #expect(begun.load(ordering: .relaxed) == before)
            #expect(try await ask("again").properties.headers["status"] == 200)
            await requester.close()
        }
        await surroundings.close()
    }
}
