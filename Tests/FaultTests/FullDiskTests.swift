import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// A disk without room for logs costs log lines, counted exactly, and nothing else.
    @Suite struct FullDiskTests {
        private static let services = """
              talker:
                command: FaultTestHost talk 500
                instances: 2
              web:
                command: FaultTestHost serve
                readiness: { http: /ready, period: 100ms }
                environment: { FAULTS_OVERLAP: "1" }
            """

        @Test(.enabled(if: Surroundings.canBeMade, "only root can make a small file system for the logs"))
        func onlyLogLinesAreLostAndTheyAreCounted() async throws {
            try await RunningTopology.run(Self.services, in: .logsOf(bytes: 4 << 20)) { topology in
                for _ in 1...FaultScale.count(1, full: 5) {
                    let filler = try topology.logs + "/filler"
                    try Self.fill(filler)
                    let talker = try #require(topology.starts("talker.1").last)
                    try await eventually("a full disk") { try Self.freeBlocks(topology.logs) == 0 }

                    // Everyone goes on.
                    let before = Self.written(by: talker)
                    try await eventually("the talker's going on") { Self.written(by: talker) > before + 100_000 }
                    #expect(try await topology.signalbox("restart", "web").status == 0)
                    try await topology.waitUntilReady("web")
                    try await topology.killSupervisor()
                    try await topology.ready()
                    let size = try Self.size(topology)
                    #expect(unlink(filler) == 0)
                    try await eventually("lines again") { try Self.size(topology) > size + 10_000 }
                }
                #expect(topology.starts("talker.1").count == 1 && topology.starts("talker.2").count == 1)
                #expect(try await topology.signalbox("stop", "talker").status == 0)
                for instance in ["talker.1", "talker.2"] { try Self.check(instance, topology) }
            }
        }

        /// What is there, and what is said to be lost, are together what was printed.
        private static func check(_ instance: String, _ topology: RunningTopology) throws {
            let lines = try topology.logLines(instance)
            let last = try #require(lines.last { $0.hasPrefix("last ") })
            let printed = Int(last.dropFirst(5)) ?? -1
            let numbers = lines.compactMap { $0.hasPrefix("line ") ? Int($0.dropFirst(5)) : nil }
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "each at most once, in order")
            var lost = (lines: 0, bytes: 0)
            for line in lines where line.hasPrefix("[keeper]") {
                let words = line.split(separator: " ")
                // [keeper] 12 lines (345 bytes) from … to … are lost: …
                guard words.count > 4, words[2] == "lines", let count = Int(words[1]), let bytes = Int(words[3].dropFirst()) else {
                    continue
                }
                lost.lines += count
                lost.bytes += bytes
            }
            let missing = Set(1...printed).subtracting(numbers)
            FaultScale.note(
                "full disk, \(instance): \(printed) lines printed, \(numbers.count) there, \(lost.lines) lines (\(lost.bytes) bytes) said to be lost"
            )
            #expect(!missing.isEmpty)
            #expect(lost.lines == missing.count)
            #expect(lost.bytes == missing.map { "line \($0)\n".utf8.count }.reduce(0, +))
        }

        /// Takes all the room that is left.
        private static func fill(_ path: String) throws {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw TestSupportError("\(path): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            let zeros = [UInt8](repeating: 0, count: 4096)
            while write(descriptor, zeros, zeros.count) > 0 {}
        }

        private static func freeBlocks(_ path: String) throws -> Int {
            var status = statvfs()
            guard statvfs(path, &status) == 0 else { throw TestSupportError("\(path): \(String(cString: strerror(errno)))") }
            return Int(status.f_bavail)
        }

        private static func size(_ topology: RunningTopology) throws -> Int {
            var status = stat()
            guard stat(try topology.logs + "/talker.1.log", &status) == 0 else { return 0 }
            return Int(status.st_size)
        }

        private static func written(by process: pid_t) -> Int {
            let line = ProcessFacts.text(of: process, "io").split(separator: "\n").first { $0.hasPrefix("wchar:") }
            return line.flatMap { Int($0.dropFirst(6).filter(\.isNumber)) } ?? 0
        }
    }
}
