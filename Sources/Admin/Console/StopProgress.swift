package import Supervision

/// What is said while everything, or a service, goes down: who is left, and who holds it up.
package struct StopProgress: Sendable {
    /// So long has somebody been asked to end before he is said to hold things up.
    private static let patience = Duration.seconds(2)
    private static let shown = 4

    /// By instance: since when it has been seen on its way.
    private var since: [String: ContinuousClock.Instant] = [:]

    package init() {}

    /// Nil: nobody is left.
    package mutating func line(_ status: TopologyStatus, at now: ContinuousClock.Instant) -> String? {
        var left: [(name: String, state: String, pid: Int, since: ContinuousClock.Instant?)] = []
        for service in status.services {
            for instance in service.instances {
                let name = "\(service.name)/\(instance.instance)"
                let beside = instance.beside
                let processes = [
                    (name: name, state: instance.state, pid: instance.pid),
                    (name: "\(name), the \(beside?.role.rawValue ?? "other") process", state: beside?.state ?? "", pid: beside?.pid),
                ]
                for (name, state, pid) in processes {
                    guard let pid else { continue }
                    let isLeaving = ["ending", "draining", "stopping", "killing"].contains(state)
                    if isLeaving { since[name] = since[name] ?? now }
                    left.append((name, state, pid, isLeaving ? since[name] : nil))
                }
            }
        }
        guard !left.isEmpty else { return nil }
        let leaving = left.filter { $0.since != nil }
        guard !leaving.isEmpty else { return "\(left.count) left" }
        let names = leaving.prefix(Self.shown).map { one -> String in
            let waited = (one.since ?? now).duration(to: now)
            guard waited >= Self.patience || one.state == "killing" else { return one.name }
            let what = one.state == "killing" ? "is being killed" : "was asked to end \(StartupProgress.seconds(waited)) ago"
            return "\(one.name) (process \(one.pid) \(what))"
        }
        let more = leaving.count > Self.shown ? " and \(leaving.count - Self.shown) more" : ""
        return "waiting for \(names.joined(separator: ", "))\(more) … \(left.count) left"
    }
}
