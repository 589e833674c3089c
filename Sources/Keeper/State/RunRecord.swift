import FoundationEssentials
import Glibc

/// What the keeper runs, written down for a next keeper in case this one is killed.
struct RunRecord: Codable, Equatable {
    struct Process: Codable, Equatable {
        var id: String
        var pid: Int32
        var startTime: UInt64
    }

    /// pids and start times mean something only within one boot.
    var bootID: String
    var keeper: Int32
    /// The base of its cgroups.
    var controlGroups: String?
    var processes: [Process]

    static func currentBootID() -> String {
        String(Files.readText("/proc/sys/kernel/random/boot_id")?.prefix { !$0.isWhitespace } ?? "")
    }

    static func read(_ path: String) -> RunRecord? {
        Files.read(path).flatMap { try? JSONDecoder().decode(RunRecord.self, from: Data($0)) }
    }

    func write(to path: String) throws(SystemError) {
        guard let data = try? JSONEncoder().encode(self) else { throw SystemError(step: "encode \(path)", number: EINVAL) }
        try Files.replace(path, with: [UInt8](data), mode: 0o600)
    }
}
