import Foundation
import HTTPClient
import Logging
import TestSupport
import Testing
import Topology

@testable import Admin

@Suite struct AccessTests {
    @Test func withoutATokenOnlyHealthTheDashboardAndTheDescriptionAnswer() async throws {
        try await RunningAdmin.with { admin in
            for path in ["/health/live", "/health/ready", "/", "/openapi.json"] {
                try await admin.expect(200, "GET", path, headers: [])
            }
            for path in ["/v1/services", "/v1/events", "/metrics", "/nowhere"] {
                let answer = try await admin.send("GET", path, headers: [])
                #expect(answer.status == 401)
                #expect(answer.header("WWW-Authenticate") == "Bearer realm=\"signalbox\"")
                #expect(answer.header("Content-Type") == "application/problem+json")
                #expect(answer.json["status"] as? Int == 401)
                #expect((answer.json["hint"] as? String)?.contains("admin.token") == true)
            }
        }
    }

    @Test(arguments: ["Bearer wrong", "Bearer ", "Basic dXNlcjpwdw==", "Bearer"])
    func wrongCredentialsAreRefused(credentials: String) async throws {
        try await RunningAdmin.with { admin in
            let answer = try await admin.send("GET", "/v1/services", headers: [("Authorization", credentials)])
            #expect(answer.status == 401)
            #expect(answer.header("WWW-Authenticate")?.contains("invalid_token") == true)
        }
    }

    @Test func theSchemeMayBeWrittenAnyWay() async throws {
        try await RunningAdmin.with { admin in
            try await admin.expect(200, "GET", "/v1/services", headers: [("authorization", "bearer \(admin.token)")])
        }
    }

    @Test func theSocketNeedsNoTokenAndTellsWhoAsked() async throws {
        try await RunningAdmin.with { admin in
            let answer = try await admin.send(
                "PUT", "/v1/services/order/scale", body: #"{"instances": 3}"#, headers: [], to: admin.socket)
            #expect(answer.status == 202)
            #expect(admin.control.calls == ["scale order 3 by uid \(geteuid()), pid \(getpid())"])
            var status = stat()
            #expect(stat(admin.directory + "/admin.sock", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func aHostHeaderFromElsewhereIsRefused() async throws {
        try await RunningAdmin.with { admin in
            for host in ["evil.example", "evil.example:9900", "127.0.0.1.evil.example", "10.0.0.1"] {
                let answer = try await admin.send(
                    "GET", "/health/live", headers: [("Host", host), ("Authorization", "Bearer \(admin.token)")])
                #expect(answer.status == 421)
            }
            for host in ["localhost", "localhost:1", "127.0.0.1:9900", "[::1]:9900", "LOCALHOST"] {
                try await admin.expect(200, "GET", "/health/live", headers: [("Host", host)])
            }
        }
    }

    @Test func listeningBeyondLoopbackIsRefused() throws {
        for host in ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org"] {
            let error = #expect(throws: AdminError.self) {
                try AdminServer.check(.tcp(host: host, port: 9900))
            }
            #expect(error?.code == .notLoopback)
            #expect(error?.message.contains("ssh -L 9900") == true)
        }
    }

    @Test func anAddressInUseIsAnErrorThatNamesIt() async throws {
        try await RunningAdmin.with { admin in
            let directory = try temporaryDirectory()
            defer { removeDirectory(directory) }
            let second = AdminServer(
                configuration: AdminConfiguration(stateDirectory: directory, version: "1"),
                control: FakeSupervisor(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: AdminError.self) {
                try await second.run(declared: { .tcp(host: "127.0.0.1", port: admin.port) })
            }
            #expect(error?.code == .cannotListen)
            #expect(error?.message.contains("127.0.0.1:\(admin.port)") == true)
        }
    }
}
