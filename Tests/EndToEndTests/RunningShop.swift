import Foundation
import HTTPClient
import TestSupport

/// The shop, brought up as a user would: `signalbox up` on the repository's own topology.yaml, with ports and a state directory of its own.
///
/// A small shell stands between: when this test process ends, however it ends, its pipe closes, and the shell takes the shop down.
final class RunningShop: Sendable {
    static let startPatience = Duration.seconds(120)
    static let stopPatience = Duration.seconds(90)

    let folder: String
    let gateway: HTTPClient.Address
    let admin: HTTPClient.Address
    let smtp: SMTPServer
    private let up: GuardedScript
    private let client = HTTPClient()

    var topologyFile: String { folder + "/topology.yaml" }
    var stateDirectory: String { folder + "/state" }
    var output: String { (try? String(contentsOfFile: folder + "/up.log", encoding: .utf8)) ?? "" }

    private static let instance = Task { try await RunningShop.start() }

    /// The one that the tests share; each test uses orders, users and files of its own.
    static func shared() async throws -> RunningShop { try await instance.value }

    /// Returns when everything is ready.
    static func start() async throws -> RunningShop {
        let shop = try await RunningShop()
        do {
            try await eventually(within: startPatience, "the shop's being ready") {
                guard shop.up.status == nil else { throw TestSupportError("signalbox up ended:\n\(shop.output)") }
                return (try? await shop.client.send(.init(path: "/health/ready"), to: shop.admin).status) == 200
            }
        } catch {
            _ = try? await shop.stop()
            throw TestSupportError("\(error)\n\(shop.output)")
        }
        return shop
    }

    private init() async throws {
        folder = try temporaryDirectory()
        let (gatewayPort, adminPort) = (freePort(), freePort())
        gateway = .tcp(host: "127.0.0.1", port: gatewayPort)
        admin = .tcp(host: "127.0.0.1", port: adminPort)
        smtp = try SMTPServer()
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let topology = try String(contentsOf: repository.appending(path: "topology.yaml"), encoding: .utf8)
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(gatewayPort)")
            .replacing("127.0.0.1:9900", with: "127.0.0.1:\(adminPort)")
            .replacing("FILES_ROOT: deploy/files", with: "FILES_ROOT: files")
            .replacing("SMTP_URL: ", with: "SMTP_URL: \"\(smtp.url)\" ")
        try topology.write(toFile: folder + "/topology.yaml", atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(at: repository.appending(path: "deploy/files"), to: URL(filePath: folder).appending(path: "files"))

        up = try GuardedScript(
            """
            "$1" up --file "$2/topology.yaml" --state-dir "$2/state" > "$2/up.log" 2>&1 3<&- & up=$!
            (read -r line <&3; [ -z "$line" ] && touch "$2/abandoned"; kill -s INT $up) & reader=$!
            wait $up; status=$?
            kill $reader 2>/dev/null
            [ -e "$2/abandoned" ] && rm -rf "$2"
            exit $status
            """,
            arguments: [Tool.executables.appending(path: "signalbox").path(), folder], logFile: folder + "/shell.log")
    }

    /// Ctrl-C, and waits until `signalbox up` has ended.
    /// - Returns: its exit status.
    @discardableResult
    func stop() async throws -> Int32 {
        up.send("stop")
        try await eventually(within: Self.stopPatience, "the end of signalbox up") { up.status != nil }
        smtp.stop()
        return up.status ?? -1
    }

    func remove() {
        removeDirectory(folder)
    }

    // MARK: - What a user does

    func get(
        _ path: String, headers: [(String, String)] = [], within limit: Duration = .seconds(40)
    ) async throws -> HTTPClient.Response {
        try await client.send(.init(path: path, headers: headers, timeout: limit), to: gateway)
    }

    func post(_ path: String, _ json: String, headers: [(String, String)] = []) async throws -> HTTPClient.Response {
        let headers = headers + [("Content-Type", "application/json")]
        return try await client.send(
            .init(method: "POST", path: path, headers: headers, body: Array(json.utf8), timeout: .seconds(40)), to: gateway)
    }

    func administer(_ method: String, _ path: String, _ json: String = "") async throws -> HTTPClient.Response {
        let token = try String(contentsOfFile: stateDirectory + "/admin.token", encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        return try await client.send(
            .init(
                method: method, path: path, headers: [("Authorization", "Bearer \(token)")], body: Array(json.utf8), timeout: .seconds(60)),
            to: admin)
    }

    func signalbox(_ arguments: String...) async throws -> Tool.Result {
        try await Tool.run(
            Tool.executables.appending(path: "signalbox").path(),
            Array(arguments.prefix(1)) + ["--file", topologyFile, "--state-dir", stateDirectory] + arguments.dropFirst())
    }

    // MARK: - What is seen

    func placeOrder(product: Int = 1, quantity: Int = 1, user: Int = 100, card: String? = nil, email: String? = nil) async throws -> String
    {
        var fields = ["\"product_id\": \(product)", "\"quantity\": \(quantity)", "\"user_id\": \(user)"]
        if let card { fields.append("\"card\": \"\(card)\"") }
        if let email { fields.append("\"email\": \"\(email)\"") }
        let response = try await post("/order", "{\(fields.joined(separator: ", "))}")
        guard response.status == 202, let id = try JSON(response)["order_id"].string else {
            throw TestSupportError("the order was answered with \(response.status): \(response.text)")
        }
        return id
    }

    /// Waits for the order's end.
    func end(of order: String, within limit: Duration = .seconds(30)) async throws -> JSON {
        var last = JSON.null
        do {
            try await eventually(within: limit, "the end of order \(order)") {
                last = try JSON(try await get("/order/\(order)"))
                return ["confirmed", "rejected", "cancelled"].contains(last["status"].string)
            }
        } catch {
            throw TestSupportError("\(error); it is \(last)")
        }
        return last
    }

    func service(_ name: String) async throws -> JSON {
        try JSON(try await administer("GET", "/v1/services/\(name)"))
    }

    /// Of the instances that run, by number.
    func processIDs(of service: String) async throws -> [Int: Int] {
        var processes: [Int: Int] = [:]
        for instance in try await self.service(service)["instances"].array {
            if let number = instance["instance"].int, let process = instance["pid"].int { processes[number] = process }
        }
        return processes
    }

    func waitUntilReady(_ service: String, instances: Int? = nil, within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "service \(service)'s being ready") {
            let status = try await self.service(service)
            return status["state"].string == "ready" && (instances == nil || status["ready"].int == instances)
        }
    }

    /// Processes whose environment names this run's state directory.
    var processes: [Int32] {
        let marks = ["SIGNALBOX_STATE=\(stateDirectory)", stateDirectory]
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init).filter { process in
            guard process != getpid() else { return false }
            let environment = String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data(), as: UTF8.self)
            let command = String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
            return marks.contains { environment.contains($0) || command.contains($0) }
        }
    }
}
