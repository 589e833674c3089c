internal import CLinux
import Glibc

/// The number by which everything that a process starts is known, whatever it does to its session, environment and parents: a limit of
/// real-time processor microseconds (RLIMIT_RTTIME, the hard one) so high that it limits nothing. Limits are inherited, and nobody has a use for this one.
///
/// It names the state directory and the start, and ends with the process: no two that live at a time have the same.
struct RunTag: Equatable {
    /// 2^62 µs are 146,000 years; below it are 32 bits of the state directory's name and 30 of the start's number.
    private static let mark: UInt64 = 1 << 62
    private static let numberBits: UInt64 = 30
    private static let stateMask: UInt64 = 0xffff_ffff

    let value: UInt64

    /// - Parameter state: `StateDirectory.name`.
    init(state: String, number: Int) {
        let hash = (UInt64(state, radix: 16) ?? 0) & Self.stateMask
        value = Self.mark | hash << Self.numberBits | UInt64(truncatingIfNeeded: number) & ((1 << Self.numberBits) - 1)
    }

    private init(value: UInt64) {
        self.value = value
    }

    func isOfSameState(as other: RunTag) -> Bool {
        value >> Self.numberBits == other.value >> Self.numberBits
    }

    /// nil when it has none, is gone, or belongs to a user whose processes we may not look at.
    static func of(_ pid: pid_t) -> RunTag? {
        var limit: UInt64 = 0
        let result = clinux_get_limit(pid, CLINUX_LIMIT_REAL_TIME, &limit)
        if result == 0 { return limit >> 62 == 1 ? RunTag(value: limit) : nil }
        guard -result == EPERM, let text = Files.readText("/proc/\(pid)/limits") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("Max realtime timeout") {
            guard let hard = line.split(separator: " ").dropFirst(4).first.flatMap({ UInt64($0) }), hard >> 62 == 1 else { return nil }
            return RunTag(value: hard)
        }
        return nil
    }

    /// Whether our own limit lets us give tags.
    static var isAvailable: Bool {
        var limit: UInt64 = 0
        return clinux_get_limit(0, CLINUX_LIMIT_REAL_TIME, &limit) == 0 && limit == UInt64.max
    }
}
