internal import CLinux
import Glibc

/// Without cgroups: the main process's session and process group, whatever carries its tag or its token, and whatever descends from them.
/// The keeper is the subreaper of those whose parent died.
///
/// What leaves its session, loses its parent, wipes its environment and also changes a limit it cannot know of escapes; it ends with the
/// keeper.
final class SessionContainment: Containment {
    /// Looks at one call, for what is born while it is being killed.
    private static let killRounds = 3

    private let token: RunToken
    private let tag: RunTag
    private var main: pid_t = 0

    init(token: RunToken, tag: RunTag) {
        self.token = token
        self.tag = tag
    }

    var directory: Descriptor? { nil }
    var outOfMemoryKills: Int { 0 }

    func begin(with main: pid_t) {
        self.main = main
    }

    func kill(_ search: ProcessSearch) {
        guard main > 0 else { return }
        for _ in 0..<Self.killRounds {
            // Not reaped, so that the number is nobody else's.
            Glibc.kill(-main, SIGKILL)
            Glibc.kill(main, SIGKILL)
            let strays = search.strays.filter(isMember)
            for stray in strays {
                killDescendants(of: stray, search)
                Glibc.kill(stray, SIGKILL)
            }
            killDescendants(of: main, search)
            search.forget()
            if strays.isEmpty { break }
        }
    }

    /// The main process is dead, so what it left are orphans of the keeper, or descends from one.
    func isEmpty(_ search: ProcessSearch) -> Bool {
        !search.strays.contains(where: isMember)
    }

    func contains(_ pid: pid_t) -> Bool? {
        if pid == main { return true }
        guard Glibc.kill(pid, 0) == 0 || errno == EPERM else { return nil }
        return isMember(pid)
    }

    func remove() {}

    private func isMember(_ pid: pid_t) -> Bool {
        guard main > 0 else { return false }
        if getsid(pid) == main || getpgid(pid) == main { return true }
        if let other = RunTag.of(pid), other.isOfSameState(as: tag) { return other == tag }
        return RunToken.of(pid) == token
    }

    private func killDescendants(of ancestor: pid_t, _ search: ProcessSearch) {
        var seen: Set<pid_t> = [ancestor]
        var unvisited = [ancestor]
        while let parent = unvisited.popLast() {
            for child in search.children(of: parent) where seen.insert(child).inserted {
                unvisited.append(child)
                kill(child, of: parent)
            }
        }
    }

    /// A pid that is read from a list may be somebody else's by now. A pidfd is of one process for good: as long as that lives, the pid is
    /// its, and what is asked of the pid is answered by it.
    private func kill(_ child: pid_t, of parent: pid_t) {
        let result = clinux_pidfd_open(child)
        guard result >= 0 else { return }
        let pidfd = Descriptor(result)
        guard isMember(child) || ProcessTable.entry(of: child)?.parent == parent else { return }
        _ = clinux_pidfd_send_signal(pidfd.number, SIGKILL)
    }
}
