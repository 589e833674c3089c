import Topology

/// The watchdog of sd_notify(3): once a process is ready, or has said WATCHDOG=1 for the first time, it has to say it again in time.
extension SupervisionState {
    mutating func watchdogPinged(_ id: InstanceID) {
        guard let p = position(of: id), case .up(let process, var health) = self[p].phase,
            let limit = services[p.service].definition(for: process.fingerprint).watchdog
        else { return }
        let isFirst = health.watchdogUntil == nil
        health.watchdogUntil = now + limit
        setPhase(.up(process, health), p)
        if isFirst { markDirty(p.service) }
    }

    mutating func watchdogTriggered(_ id: InstanceID) {
        guard let p = position(of: id), case .up(let process, _) = self[p].phase,
            services[p.service].definition(for: process.fingerprint).watchdog != nil
        else { return }
        endUnhealthy(p, "it has said WATCHDOG=trigger", nil)
    }

    mutating func watchdogExpired(_ p: Position) {
        guard case .up(let process, var health) = self[p].phase else { return }
        health.watchdogUntil = nil
        setPhase(.up(process, health), p)
        let limit = services[p.service].definition(for: process.fingerprint).watchdog
        endUnhealthy(p, "it has not said WATCHDOG=1 in time", limit.map { "nothing for \($0)" })
    }
}
