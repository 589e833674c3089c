import Foundation
import ManagedServers
import TestSupport
import Testing

@Suite struct ManagedFilesTests {
    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func passwordsAreInFilesOfOneReader() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        let redis = try ManagedRedis.prepare(directory: "\(root)/cache", port: 25_010, password: "secret-word")
        let rabbit = try ManagedRabbitMQ.prepare(
            directory: "\(root)/broker", port: 25_011, managementPort: 25_012, distributionPort: 25_013, epmdPort: 25_014,
            administrator: ("administrator", "secret-word"))
        for path in ["cache/redis.conf", "broker/rabbitmq.conf", "broker/.erlang.cookie"] {
            #expect(try mode("\(root)/\(path)") == 0o600)
        }
        for path in ["cache", "broker", "broker/mnesia"] { #expect(try mode("\(root)/\(path)") == 0o700) }
        for launch in [redis, rabbit] {
            #expect(!launch.arguments.joined().contains("secret-word"))
            #expect(!launch.environment.values.joined().contains("secret-word"))
        }
    }

    @Test func theCookieStaysTheSame() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        func cookie() throws -> Data? {
            _ = try ManagedRabbitMQ.prepare(
                directory: "\(root)/broker", port: 25_021, managementPort: 25_022, distributionPort: 25_023, epmdPort: 25_024,
                administrator: ("administrator", "secret-word"))
            return FileManager.default.contents(atPath: "\(root)/broker/.erlang.cookie")
        }
        let first = try cookie()
        let second = try cookie()
        #expect(first?.count == 32 && first == second)
    }

    @Test func aPlantedSymbolicLinkIsReplacedAndNotFollowed() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        try FileManager.default.createDirectory(atPath: "\(root)/cache", withIntermediateDirectories: true)
        try "keep".write(toFile: "\(root)/victim", atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: "\(root)/cache/redis.conf", withDestinationPath: "\(root)/victim")
        _ = try ManagedRedis.prepare(directory: "\(root)/cache", port: 25_030, password: "secret-word")
        #expect(try String(contentsOfFile: "\(root)/victim", encoding: .utf8) == "keep")
    }

    @Test(arguments: ["relative", "/tmp/a\"b", "/tmp/a\nb"])
    func refusesPathsThatNoConfigurationCanHold(path: String) {
        let error = #expect(throws: ManagedServerError.self) { try ManagedRedis.prepare(directory: path, port: 1, password: "x") }
        #expect(error?.code == .invalidValue)
    }

    @Test(.enabled(if: geteuid() == 0)) func aFolderOutOfTheServersReachIsToldBeforehand() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        try FileManager.default.createDirectory(
            atPath: "\(root)/closed", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let error = #expect(throws: ManagedServerError.self) {
            try ManagedRedis.prepare(directory: "\(root)/closed/cache", port: 25_040, password: "x")
        }
        #expect(error?.code == .fileSystem && error?.message.contains("chmod o+x") == true)
    }
}
