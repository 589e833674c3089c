import Foundation
import FoundationNetworking
import Glibc
import Logging
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

/// The service's HTTP over a real socket. It needs neither database nor broker.
struct HTTPTests {
    private struct Order: Codable, Equatable, ResponseEncodable {
        var quantity: Int
    }

    private struct Answer {
        var status: Int
        var headers: [AnyHashable: Any]
        var body: String

        func header(_ name: String) -> String? {
            headers.first { "\($0.key)".lowercased() == name.lowercased() }.map { "\($0.value)" }
        }
    }

    private func application(_ values: [String: String] = [:]) throws -> ServiceApplication {
        var logger = Logger(label: "test") { _ in JSONLogHandler(service: "test", instance: 1) }
        logger.logLevel = .critical
        let environment = try ServiceEnvironment(values.merging(["SIGNALBOX_SERVICE": "order"]) { $1 })
        return try ServiceApplication(environment: environment, logger: logger)
    }

    private func running(_ application: ServiceApplication, _ body: (Int) async throws -> Void) async throws {
        async let running: Void = application.run(stoppingOn: [])
        do {
            try await eventually { application.parts.port.withLock { $0 } != nil }
            try await body(application.parts.port.withLock { $0 } ?? 0)
        } catch {
            application.shutdown()
            try await running
            throw error
        }
        application.shutdown()
        try await running
    }

    private func ask(
        _ method: String, _ path: String, port: Int, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw TestSupportError("no URL: \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.timeoutInterval = 10
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession(configuration: .ephemeral).data(for: request)
        guard let response = response as? HTTPURLResponse else { throw TestSupportError("no HTTP response") }
        return Answer(status: response.statusCode, headers: response.allHeaderFields, body: String(decoding: data, as: UTF8.self))
    }

    @Test(.timeLimit(.minutes(1))) func routesAnswerAndMistakesAreProblems() async throws {
        let application = try application()
        application.router.post("/api/orders") { request, context in
            try await request.decode(as: Order.self, context: context)
        }
        application.router.get("/api/orders/:id") { _, context -> String in
            let id = try context.parameters.require("id")
            if id == "broken" { throw FailOnce.Failure() }
            throw ServiceProblem(status: 404, title: "No such order", detail: "there is no order \(id)")
        }
        application.router.get("/trace") { _, context in context.traceparent }
        try await running(application) { port in
            let placed = try await ask("POST", "/api/orders", port: port, body: #"{"quantity": 2, "unknown": 1}"#)
            #expect(placed.status == 200)
            #expect(placed.body == #"{"quantity":2}"#)
            #expect(placed.header("Date")?.hasSuffix(" GMT") == true)

            let mistaken = try await ask("POST", "/api/orders", port: port, body: #"{"quantity": "two"}"#)
            #expect(mistaken.status == 400)
            #expect(mistaken.header("Content-Type") == "application/problem+json")
            #expect(mistaken.body.contains("quantity: expected a whole number"))

            let tooLarge = try await ask(
                "POST", "/api/orders", port: port, body: String(repeating: " ", count: ServiceRequestContext.maximumBody + 1))
            #expect(tooLarge.status == 413)

            #expect(try await ask("GET", "/api/orders/7", port: port).body.contains("there is no order 7"))
            let unknown = try await ask("GET", "/nowhere", port: port)
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("There is nothing at /nowhere."))
            let wrongMethod = try await ask("DELETE", "/api/orders", port: port)
            #expect(wrongMethod.status == 405)
            #expect(wrongMethod.header("Allow") == "POST")
            #expect(try await ask("PUT", "/api/orders/7", port: port).header("Allow") == "GET, HEAD")

            let broken = try await ask("GET", "/api/orders/broken", port: port)
            #expect(broken.status == 500)
            #expect(!broken.body.contains("Failure"))

            let trace = "0af7651916cd43dd8448eb211c80319c"
            let traced = try await ask("GET", "/trace", port: port, headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"])
            #expect(traced.body.contains(trace))
            #expect(!traced.body.contains("b7ad6b7169203331"))

            let live = try await ask("GET", "/health/live", port: port)
            #expect(live.status == 200)
            #expect(try await ask("GET", "/health/ready", port: port).body == #"{"checks":{"schema":"ok"},"status":"ready"}"#)
            let metrics = try await ask("GET", "/metrics", port: port).body
            #expect(metrics.contains(#"signalbox_http_requests_total{method="POST",route="/api/orders",status="400"} 1"#))
            #expect(metrics.contains(#"signalbox_http_requests_total{method="any",route="none",status="404"} 1"#))
        }
    }

    @Test(.timeLimit(.minutes(1))) func withoutItsDatabaseItIsAliveAndNotReady() async throws {
        let application = try application(["DATABASE_URL": "postgres://nobody:x@127.0.0.1:\(freePort())/none"])
        application.router.get("/api") { _, _ in "never" }
        try await running(application) { port in
            #expect(try await ask("GET", "/health/live", port: port).status == 200)
            let ready = try await ask("GET", "/health/ready", port: port)
            #expect(ready.status == 503)
            #expect(ready.body.contains(#""database":"does not answer""#))
            let refused = try await ask("GET", "/api", port: port)
            #expect(refused.status == 503)
            #expect(refused.header("Retry-After") == "1")
        }
    }

    @Test(.timeLimit(.minutes(1))) func anInheritedSocketIsServed() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        #expect(isBound == 0)
        #expect(listen(descriptor, 16) == 0)
        let router = ServiceRouter(context: ServiceRequestContext.self)
        router.get("/") { _, context in
            #expect(!context.id.isEmpty)
            return "inherited"
        }
        let server = try await HTTPServer.bind(.inherited(descriptor), responder: router.buildResponder(), logger: Logger(label: "test"))
        async let serving: Void = server.run()
        #expect(try await ask("GET", "/", port: try #require(server.port)).body == "inherited")
        server.drain()
        await serving
    }

    @Test(.timeLimit(.minutes(1))) func aRunningRequestIsFinishedAtShutdown() async throws {
        let application = try application()
        let (begun, goOn) = (Latch(), Latch())
        application.router.get("/slow") { _, _ in
            begun.trigger()
            await goOn.wait()
            return "finished"
        }
        async let running: Void = application.run(stoppingOn: [])
        try await eventually { application.parts.port.withLock { $0 } != nil }
        let port = application.parts.port.withLock { $0 } ?? 0
        async let slow = ask("GET", "/slow", port: port)
        await begun.wait()
        application.shutdown()
        // The listening socket is closed while the request still runs.
        try await eventually {
            do {
                _ = try await ask("GET", "/health/live", port: port)
                return false
            } catch {
                return true
            }
        }
        goOn.trigger()
        #expect(try await slow.body == "finished")
        try await running
    }
}
