import Foundation
import ManagedServers
import TestSupport
import Testing

@Suite struct ManagedPostgreSQLTests {
    @Test func preparesAClusterOnce() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        let directory = "\(root)/state/database"
        func prepare(port: Int) throws -> ManagedServerLaunch {
            try ManagedPostgreSQL.prepare(directory: directory, port: port, superuserPassword: "secret-word", durability: .disposable)
        }
        let first = try prepare(port: 25_001)
        let made = try FileManager.default.attributesOfItem(atPath: "\(directory)/data/PG_VERSION")[.modificationDate] as? Date
        let second = try prepare(port: 25_002)
        let found = try FileManager.default.attributesOfItem(atPath: "\(directory)/data/PG_VERSION")[.modificationDate] as? Date
        #expect(made == found)
        #expect(first == second)
        #expect(first.stopSignal == "INT")
        #expect(first.executable.hasSuffix("/bin/postgres"))
        #expect(try String(contentsOfFile: "\(directory)/postgresql.conf", encoding: .utf8).contains("port = 25002"))
        // The password was for initdb alone.
        #expect(try !FileManager.default.contentsOfDirectory(atPath: directory).contains("initial-password"))
    }

    @Test func aLockFileOfAStrangersProcessIsRemovedAndADeadOnesIsLeftToPostgreSQL() throws {
        let root = try temporaryDirectory()
        defer { removeDirectory(root) }
        func prepare() throws {
            _ = try ManagedPostgreSQL.prepare(
                directory: "\(root)/database", port: 25_003, superuserPassword: "secret-word", durability: .disposable)
        }
        try prepare()
        let lock = "\(root)/database/data/postmaster.pid"
        try "1\n".write(toFile: lock, atomically: true, encoding: .utf8)
        try prepare()
        #expect(!FileManager.default.fileExists(atPath: lock))
        try "99999999\n".write(toFile: lock, atomically: true, encoding: .utf8)
        try prepare()
        #expect(FileManager.default.fileExists(atPath: lock))
    }

    @Test(arguments: ["", "it's", "a b", "x\ny", "#", "ä"])
    func refusesPasswordsThatMeanSomethingInAConfiguration(password: String) {
        let error = #expect(throws: ManagedServerError.self) {
            try ManagedPostgreSQL.prepare(directory: "/nonexistent/database", port: 25_004, superuserPassword: password)
        }
        #expect(error?.code == .invalidValue)
    }
}
