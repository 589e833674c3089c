import Glibc

/// The words in a process's environment that say which keeper started it and as which process: `SIGNALBOX_RUN=<state>-<run>-<number>`.
///
/// Everything a process starts inherits them, so that it is found in /proc even after it left session and group, where there is no cgroup.
struct RunToken: Equatable, CustomStringConvertible {
    static let variable = "SIGNALBOX_RUN"

    /// Names the state directory.
    var state: String
    /// Names one run of a keeper.
    var run: String
    var number: Int

    var description: String { "\(state)-\(run)-\(number)" }

    init(state: String, run: String, number: Int) {
        self.state = state
        self.run = run
        self.number = number
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Int(parts[2]) else { return nil }
        self.init(state: String(parts[0]), run: String(parts[1]), number: number)
    }

    /// nil when the process has none, or is not ours to read.
    static func of(_ pid: pid_t) -> RunToken? {
        Files.read("/proc/\(pid)/environ").flatMap { find(in: $0) }
    }

    /// - Parameter environment: as in /proc/PID/environ: NAME=value, each ended by a zero byte.
    static func find(in environment: [UInt8]) -> RunToken? {
        let prefix = Array((variable + "=").utf8)
        for entry in environment.split(separator: 0) where entry.starts(with: prefix) {
            return RunToken(String(decoding: entry.dropFirst(prefix.count), as: UTF8.self))
        }
        return nil
    }

    /// 64 bits of FNV-1a of the path, in hexadecimal digits: the same for every run, and no secret.
    static func name(ofState path: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
