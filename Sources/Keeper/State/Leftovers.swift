import Glibc

/// Ends what an earlier keeper of this state directory left when it was killed, so that nothing runs twice.
///
/// It is found by the cgroups of that name, by the record of pid and start time, by the tags in the limits, and by the tokens in the
/// environments.
struct Leftovers {
    static let timeout: Duration = .seconds(10)
    private static let pause: UInt32 = 5000

    let state: StateDirectory

    /// To be called with the lock held.
    ///
    /// - Returns: how many processes were ended.
    func end() throws(KeeperError) -> Int {
        let record = RunRecord.read(state.record)
        var recorded: [pid_t: UInt64] = [:]
        if let record, record.bootID == RunRecord.currentBootID() {
            for process in record.processes { recorded[process.pid] = process.startTime }
        }
        let bases = try bases(record)
        var ended: Set<pid_t> = []
        let deadline = ContinuousClock.now + Self.timeout
        while true {
            let remaining = members(recorded)
            ended.formUnion(remaining.map(\.pid))
            if remaining.isEmpty && bases.allSatisfy(ControlGroup.isEmpty) { break }
            guard ContinuousClock.now < deadline else {
                let pids = remaining.map { String($0.pid) }.sorted().joined(separator: ", ")
                throw KeeperError(
                    .cannotKeep, "processes of an earlier run do not end: pid \(pids.isEmpty ? "unknown" : pids); end them by hand")
            }
            for base in bases { ControlGroup.kill(base) }
            for entry in remaining { entry.kill() }
            usleep(Self.pause)
        }
        for base in bases { ControlGroup.remove(base) }
        for base in LegacyControllers.possibleBases(name: ControlGroups.name(ofState: state.name)).values { ControlGroup.remove(base) }
        for name in Files.names(in: state.run) where name.hasPrefix("notify-") { unlink("\(state.run)/\(name)") }
        unlink(state.record)
        return ended.count
    }

    private func bases(_ record: RunRecord?) throws(KeeperError) -> [String] {
        let name = ControlGroups.name(ofState: state.name)
        var bases = Set(ControlGroups.possibleBases(name: name))
        if let recorded = record?.controlGroups, recorded.hasSuffix("/" + name) { bases.insert(recorded) }
        for base in bases where ControlGroups.isOwn(base) {
            throw KeeperError(
                .cannotKeep,
                "this was started by a process of the same state directory (\(state.path)), which an earlier run left: start it from elsewhere"
            )
        }
        return bases.filter(Files.isDirectory)
    }

    private func members(_ recorded: [pid_t: UInt64]) -> [ProcessTable.Entry] {
        let table = ProcessTable.now()
        let own = table.ancestors(of: getpid())
        let tag = RunTag(state: state.name, number: 0)
        return table.families { entry in
            guard !own.contains(entry.pid) else { return false }
            return recorded[entry.pid] == entry.startTime || RunTag.of(entry.pid)?.isOfSameState(as: tag) == true
                || RunToken.of(entry.pid)?.state == state.name
        }.filter { !own.contains($0.pid) }
    }
}
