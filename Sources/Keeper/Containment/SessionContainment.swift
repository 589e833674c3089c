internal import CLinux
import Glibc

/// Without cgroups: the main process's session and process group, whatever descends from them, and whatever carries its token in its
/// environment.
/// The keeper is the subreaper of those whose parent died.
///
/// A descendant that leaves its session, loses its parent and wipes its environment escapes; it ends with the keeper.
final class SessionContainment: Containment {
    private let token: RunToken
    private var main: pid_t = 0

    init(token: RunToken) {
        self.token = token
    }

    var directory: Descriptor? { nil }
    var wasOutOfMemory: Bool { false }

    func begin(with main: pid_t) {
        self.main = main
    }

    func kill(_ table: ProcessTableCache) {
        guard main > 0 else { return }
        Glibc.kill(-main, SIGKILL)
        for member in members(table) { member.kill() }
    }

    func isEmpty(_ table: ProcessTableCache) -> Bool {
        members(table).isEmpty
    }

    func contains(_ pid: pid_t) -> Bool? {
        if pid == main { return true }
        guard let entry = ProcessTable.entry(of: pid) else { return nil }
        return entry.session == main || entry.group == main || RunToken.of(pid) == token
    }

    func remove() {}

    private func members(_ table: ProcessTableCache) -> [ProcessTable.Entry] {
        guard main > 0 else { return [] }
        return table.table.families { $0.session == main || $0.group == main || table.token(of: $0) == token }
    }
}
