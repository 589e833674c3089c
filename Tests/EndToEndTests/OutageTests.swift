import Foundation
import HTTPClient
import Testing
import TestSupport

/// What is killed comes back by itself, and no accepted order is lost. One after the other, on a shop of their own.
@Suite(.serialized) struct OutageTests {
    private static let instance = Task { try await RunningShop.start() }

    private var shop: RunningShop {
        get async throws { try await Self.instance.value }
    }

    /// Places orders one after the other until `body` is done, then waits for the end of every accepted one.
    private func whileOrdersFlow(_ body: @escaping @Sendable (RunningShop) async throws -> Void) async throws {
        let shop = try await shop
        let isDone = Flag()
        async let orders: [String] = {
            var accepted: [String] = []
            while await !isDone.isRaised {
                // One that is refused while a server is down was not accepted: nothing is owed.
                if let id = try? await shop.placeOrder() { accepted.append(id) }
                try await Task.sleep(for: .milliseconds(20))
            }
            return accepted
        }()
        do {
            try await body(shop)
            await isDone.raise()
        } catch {
            await isDone.raise()
            _ = try await orders
            throw error
        }
        let accepted = try await orders
        #expect(!accepted.isEmpty)
        for id in accepted {
            #expect(try await shop.end(of: id, within: .seconds(60))["status"].string == "confirmed")
        }
        // And orders are taken again.
        #expect(try await shop.end(of: try await shop.placeOrder())["status"].string == "confirmed")
    }

    private actor Flag {
        var isRaised = false
        func raise() { isRaised = true }
    }

    @Test(arguments: ["order", "inventory", "payment", "notification", "gateway", "users", "analytics", "files"])
    func aKilledServiceComesBack(service: String) async throws {
        try await whileOrdersFlow { shop in
            let before = try #require(try await shop.processIDs(of: service)[1])
            #expect(kill(Int32(before), SIGKILL) == 0)
            try await eventually(within: .seconds(20), "\(service)'s being back") {
                let status = try await shop.service(service)
                return status["state"].string == "ready" && status["instances"].array.first?["pid"].int != before
            }
        }
    }

    @Test func aKilledSupervisorTouchesNoServiceAndNothingRunsTwice() async throws {
        try await whileOrdersFlow { shop in
            let services = [
                "gateway", "order", "inventory", "payment", "notification", "users", "analytics", "files", "broker", "database", "cache",
            ]
            var before: [String: [Int: Int]] = [:]
            for service in services { before[service] = try await shop.processIDs(of: service) }
            let supervisors = try supervisors(of: shop)
            #expect(supervisors.count == 1)
            for supervisor in supervisors { kill(supervisor, SIGKILL) }
            try await eventually(within: .seconds(20), "the new supervisor's being ready") {
                let now = try self.supervisors(of: shop)
                guard now.count == 1, now != supervisors else { return false }
                return (try? await shop.administer("GET", "/health/ready").status) == 200
            }
            for service in services {
                #expect(try await shop.processIDs(of: service) == before[service], "\(service)")
            }
            #expect(try doubles(in: shop).isEmpty)
        }
    }

    @Test(arguments: ["cache", "database", "broker"])
    func aRestartedServerLosesNoOrder(server: String) async throws {
        try await whileOrdersFlow { shop in
            let restarted = try await shop.signalbox("restart", server)
            #expect(restarted.status == 0, "\(restarted.errors)")
            try await shop.waitUntilReady(server)
        }
    }

    @Test(arguments: ["cache", "database", "broker"])
    func aKilledServerLosesNoOrder(server: String) async throws {
        try await whileOrdersFlow { shop in
            let before = try #require(try await shop.processIDs(of: server)[1])
            #expect(kill(Int32(before), SIGKILL) == 0)
            try await eventually(within: .seconds(60), "\(server)'s being back") {
                let status = try await shop.service(server)
                return status["state"].string == "ready" && status["instances"].array.first?["pid"].int != before
            }
        }
    }

    @Test func scalingUpSharesTheWorkAndScalingDownFinishesIt() async throws {
        try await whileOrdersFlow { shop in
            let scaled = try await shop.administer("PUT", "/v1/services/order/scale", #"{"instances": 3}"#)
            #expect([200, 202].contains(scaled.status), "\(scaled.text)")
            try await shop.waitUntilReady("order", instances: 3)
            #expect(try await shop.processIDs(of: "order").count == 3)
            for _ in 1...60 { _ = try await shop.placeOrder() }
            for instance in try await shop.service("order")["instances"].array {
                let port = try #require(instance["port"].int)
                try await eventually("the taking of work by \(instance)") {
                    let metrics = try await HTTPClient().send(.init(path: "/metrics"), to: .tcp(host: "127.0.0.1", port: port)).text
                    // Clients' calls go to all. Events go to the one that reads the queue, and to the others what it cannot begin at once.
                    return metrics.contains("/api/orders")
                }
            }
            let lowered = try await shop.administer("PUT", "/v1/services/order/scale", #"{"instances": 1}"#)
            #expect([200, 202].contains(lowered.status), "\(lowered.text)")
            try await eventually(within: .seconds(60), "one instance") { try await shop.processIDs(of: "order").count == 1 }
        }
        let refused = try await shop.administer("PUT", "/v1/services/order/scale", #"{"instances": 99}"#)
        #expect(refused.status == 422 && refused.header("Content-Type") == "application/problem+json")
    }

    @Test func aDeadFilesServiceIsAnswered503Or504InTime() async throws {
        let shop = try await shop
        #expect(try await shop.signalbox("stop", "files").status == 0)
        // The route's time is 5 s; nobody hangs for longer.
        let stopped = try await shop.get("/files?path=", within: .seconds(15))
        #expect([503, 504].contains(stopped.status))
        #expect(try await shop.signalbox("start", "files").status == 0)
        try await shop.waitUntilReady("files")
        let process = Int32(try #require(try await shop.processIDs(of: "files")[1]))
        kill(process, SIGSTOP)
        let stuck = try await shop.get("/files?path=", within: .seconds(15))
        #expect([503, 504].contains(stuck.status))
        kill(process, SIGCONT)
        try await eventually("files' answering again") { try await shop.get("/files?path=").status == 200 }
    }

    @Test func applyTouchesOnlyWhatDiffers() async throws {
        let shop = try await shop
        let services = ["gateway", "order", "inventory", "payment", "notification", "users", "files", "broker", "database", "cache"]
        var before: [String: [Int: Int]] = [:]
        for service in services { before[service] = try await shop.processIDs(of: service) }
        let analytics = try await shop.processIDs(of: "analytics")
        let text = try String(contentsOfFile: shop.topologyFile, encoding: .utf8)
        defer { try? text.write(toFile: shop.topologyFile, atomically: true, encoding: .utf8) }

        // White space: nothing.
        try (text + "\n# a comment\n").write(toFile: shop.topologyFile, atomically: true, encoding: .utf8)
        #expect(try await shop.signalbox("apply").status == 0)
        #expect(try await shop.processIDs(of: "analytics") == analytics)

        // An environment: that service.
        try text.replacing("command: shop analytics", with: "command: shop analytics\n    environment: { LOG_LEVEL: debug }")
            .write(toFile: shop.topologyFile, atomically: true, encoding: .utf8)
        let applied = try await shop.signalbox("apply")
        #expect(applied.status == 0, "\(applied.errors)")
        try await eventually(within: .seconds(30), "the new analytics") {
            let now = try await shop.processIDs(of: "analytics")
            return now.count == 1 && now != analytics
        }
        try await shop.waitUntilReady("analytics")
        for service in services { #expect(try await shop.processIDs(of: service) == before[service], "\(service)") }

        // A broken file: everything stays, and the mistake is named with its place.
        try text.replacing("service: analytics", with: "service: analytic").write(
            toFile: shop.topologyFile, atomically: true, encoding: .utf8)
        let broken = try await shop.signalbox("apply")
        #expect(broken.status != 0)
        #expect((broken.errors + broken.output).contains("analytic"))
        for service in services { #expect(try await shop.processIDs(of: service) == before[service], "\(service)") }
        try text.write(toFile: shop.topologyFile, atomically: true, encoding: .utf8)
        #expect(try await shop.signalbox("apply").status == 0)
        try await shop.waitUntilReady("analytics")
    }

    @Test func secretsAreInNoCommandLineLogOrAnswer() async throws {
        let shop = try await shop
        let folder = shop.stateDirectory + "/secrets"
        let secrets = try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { name -> [String] in
            guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else { return [] }
            // Words long enough to be a password.
            return text.split { !($0.isLetter || $0.isNumber) }.map(String.init).filter { $0.count >= 20 }
        }
        let token = try String(contentsOfFile: shop.stateDirectory + "/admin.token", encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        #expect(!secrets.isEmpty)
        var seen = shop.output
        for process in shop.processes {
            seen += String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
        }
        for log in try FileManager.default.contentsOfDirectory(atPath: shop.stateDirectory + "/logs") {
            seen += (try? String(contentsOfFile: shop.stateDirectory + "/logs/" + log, encoding: .utf8)) ?? ""
        }
        for path in ["/v1/services", "/v1/plan", "/v1/events", "/v1/queues", "/health/ready", "/metrics"] {
            seen += try await shop.administer("GET", path).text
        }
        for secret in secrets + [token] { #expect(!seen.contains(secret)) }
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }

    /// The last of them, as the suite is serialized in this order: it takes the shop down.
    @Test func ctrlCLeavesNotOneProcess() async throws {
        let shop = try await shop
        #expect(!shop.processes.isEmpty)
        #expect(try await shop.stop() == 0, "\(shop.output.suffix(2000))")
        #expect(shop.processes.isEmpty, "\(shop.processes)")
        shop.remove()
    }

    private func supervisors(of shop: RunningShop) throws -> [Int32] {
        shop.processes.filter { process in
            let command = String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
            return command.split(separator: "\0").dropFirst().first == "supervise"
        }
    }

    /// Service instances of which more than one main process runs.
    private func doubles(in shop: RunningShop) throws -> [String] {
        var counts: [String: Int] = [:]
        for process in shop.processes {
            let words = String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
                .split(separator: "\0").map(String.init)
            guard let program = words.first, program.hasSuffix("/shop"), let service = words.last else { continue }
            counts[service, default: 0] += 1
        }
        return counts.filter { $0.value > 1 }.map(\.key)
    }
}
