import Foundation
import Glibc

/// What `signalbox up` is started in.
enum Surroundings: CustomStringConvertible, Sendable {
    case plain
    /// In a mount namespace without cgroups, so that processes are held by session, descent and environment. For root only.
    case withoutControlGroups
    /// In a mount namespace with this many bytes for the logs. For root only.
    case logsOf(bytes: Int)

    static var canBeMade: Bool { geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") }

    /// Both levels of containment, where they can be had.
    static var levels: [Surroundings] { canBeMade ? [.plain, .withoutControlGroups] : [.plain] }

    var description: String {
        switch self {
        case .plain: "plain"
        case .withoutControlGroups: "without cgroups"
        case .logsOf(let bytes): "with \(bytes >> 10) KiB for the logs"
        }
    }

    var hidesLogs: Bool { if case .logsOf = self { true } else { false } }

    func command(folder: String, _ command: [String]) -> [String] {
        let preparation: String
        switch self {
        case .plain: return command
        case .withoutControlGroups:
            preparation = "grep ' cgroup2 ' /proc/self/mounts | cut -d ' ' -f 2 | while read -r place; do umount -l \"$place\"; done"
        case .logsOf(let bytes):
            preparation = "mkdir -p '\(folder)/state/logs' && mount -t tmpfs -o size=\(bytes) none '\(folder)/state/logs'"
        }
        return ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", "\(preparation); exec \"$@\"", "sh"] + command
    }
}
