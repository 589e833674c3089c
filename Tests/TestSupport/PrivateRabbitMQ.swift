import Foundation
import ManagedServers

/// A real RabbitMQ with the management plugin, for this test process alone.
package final class PrivateRabbitMQ: Sendable {
    package let port: Int
    package let managementPort: Int
    package let user = "administrator"
    package let password: String
    private let server: PrivateServer

    private static let sharedInstance = Once { try await PrivateRabbitMQ.start() }

    /// The one that all tests share, each with a virtual host of its own (`makeVirtualHost`). Never to be killed: `start()` one for that.
    package static func shared() async throws -> PrivateRabbitMQ {
        try await sharedInstance.value
    }

    /// A new one, which takes seconds.
    package static func start() async throws -> PrivateRabbitMQ {
        let broker = try await PrivateServer.offPool { try PrivateRabbitMQ() }
        try await broker.server.start()
        return broker
    }

    private init() throws {
        let (port, managementPort) = (freePort(), freePort())
        let password = "test-\(UInt64.random(in: 0 ... .max))"
        let folder = try temporaryDirectory()
        let launch = try ManagedRabbitMQ.prepare(
            directory: "\(folder)/private broker", port: port, managementPort: managementPort, distributionPort: freePort(),
            epmdPort: freePort(),
            administrator: (user, password))
        self.port = port
        self.managementPort = managementPort
        self.password = password
        server = PrivateServer(name: "rabbitmq", folder: folder, launch: launch) { _ in
            // The management listener comes first, the AMQP one when all is up.
            let greeting = await Loopback.exchange(port: port, Array("AMQP".utf8) + [0, 0, 9, 1])
            return greeting?.first == 1
        }
    }

    /// As the administrator in the default virtual host.
    package var url: String { url(virtualHost: "/") }

    package func url(virtualHost: String) -> String {
        let encoded = virtualHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? virtualHost
        return "amqp://\(user):\(password)@127.0.0.1:\(port)/\(encoded)"
    }

    package var managementURL: String { "http://127.0.0.1:\(managementPort)" }

    /// SIGKILL to the broker and all its processes.
    package func kill() async throws { try await server.kill() }

    package func stop() async throws { try await server.stop() }

    /// Starts it again on the same ports with the same data; a no-op while it runs.
    package func restart() async throws { try await server.start() }

    /// A new virtual host, in which the administrator may do everything.
    package func makeVirtualHost() async throws -> String {
        let name = "test-\(UInt32.random(in: 0 ... .max))"
        try await manage("PUT", "/api/vhosts/\(name)")
        try await manage("PUT", "/api/permissions/\(name)/\(user)", #"{"configure": ".*", "write": ".*", "read": ".*"}"#)
        return name
    }

    /// A call of the management API; the body of its answer. Throws unless the status is 2xx.
    @discardableResult
    package func manage(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
        let request = """
            \(method) \(path) HTTP/1.0\r
            Host: 127.0.0.1\r
            Authorization: Basic \(credentials)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
        guard let answer = await Loopback.exchange(port: managementPort, Array(request.utf8), untilClosed: true) else {
            throw TestSupportError("\(method) \(path): the broker's management does not answer")
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.dropFirst("HTTP/1.x ".count).first == "2" else { throw TestSupportError("\(method) \(path): \(text)") }
        return text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
    }
}
