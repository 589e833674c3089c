import Glibc

/// What holds a process and everything it starts, so that all of it can be ended.
protocol Containment: AnyObject {
    /// A directory of cgroup2 for clone3 to put the process into.
    var directory: Descriptor? { get }
    /// To be told the main process when it was started. It must stay unreaped until the containment is empty: its pid names the session.
    func begin(with main: pid_t)
    /// Kills everything in it. To be called until `isEmpty`: what is being born may have been missed.
    func kill(_ table: ProcessTableCache)
    /// Nothing in it lives; the main process may be a zombie.
    func isEmpty(_ table: ProcessTableCache) -> Bool
    /// nil when the process is gone, so that nobody can say.
    func contains(_ pid: pid_t) -> Bool?
    var wasOutOfMemory: Bool { get }
    /// To be called when it is empty.
    func remove()
}

/// Reads /proc at most once for all that is asked in one turn, and not at all where cgroups answer.
final class ProcessTableCache {
    private let sessions: Set<pid_t>
    private var cached: ProcessTable?
    private var tokens: [pid_t: RunToken?] = [:]

    /// - Parameter sessions: those of main processes that are not reaped. Nobody can join another's session, so what is in one of them is
    ///   its and
    ///   needs no look at its environment.
    init(sessions: Set<pid_t>) {
        self.sessions = sessions
    }

    var table: ProcessTable {
        if let cached { return cached }
        let table = ProcessTable.now()
        cached = table
        return table
    }

    func token(of entry: ProcessTable.Entry) -> RunToken? {
        if sessions.contains(entry.session) { return nil }
        if let known = tokens[entry.pid] { return known }
        let token = RunToken.of(entry.pid)
        tokens[entry.pid] = .some(token)
        return token
    }
}
