import Supervision
import Topology

/// Times of trouble, times of rest, and the end.
extension Simulation {
    /// Virtual time within which everything settles once nothing goes wrong any more.
    private static let timeToSettle = Duration.seconds(900)
    private static let timeToEnd = Duration.seconds(600)

    mutating func chaos(events count: Int) throws(Violation) {
        isChaotic = true
        agenda.plan(.chaos, at: now)
        let end = events + count
        let last = now + .seconds(3_600)
        while events < end && now < last { try step() }
    }

    /// Nothing goes wrong any more: all comes to rest. Then it is tried what can be foretold exactly.
    mutating func quiet() throws(Violation) {
        becomeQuiet()
        try settle()
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            try experiment()
            try settle()
        }
    }

    mutating func becomeQuiet() {
        isChaotic = false
        isCrashArmed = false
        serversAway = []
        for id in processes.keys {
            processes[id]?.hangs = false
            processes[id]?.ignoresSignals = false
            processes[id]?.survivesKills = 0
        }
        // Those that had stopped saying that they are alive say it again.
        for id in processes.keys.sorted() {
            guard let process = processes[id] else { continue }
            agenda.plan(.sayAlive(id, pid: process.pid), at: now + .milliseconds(1))
            if process.end == nil, declarations["\(id.service) \(process.fingerprint)"]?.lifetime == .continuous {
                agenda.plan(.sayReady(id, pid: process.pid), at: now + .milliseconds(2))
            }
        }
    }

    mutating func settle() throws(Violation) {
        let limit = now + Self.timeToSettle
        var steps = 0
        while true {
            try step()
            steps += 1
            guard steps & 63 == 0, isUp else { continue }
            guard let problem = unsettled() ?? aboutToEnd() else { break }
            if now > limit {
                fail("it does not come to rest: \(problem)")
                try verify()
            }
        }
    }

    /// A process that was asked to end by a supervisor that is no more.
    private func aboutToEnd() -> String? {
        let ending = processes.filter { id, process in
            process.end != nil && process.behaviour == .good
                && declarations["\(id.service) \(process.fingerprint)"]?.lifetime == .continuous
        }
        return ending.keys.min().map { "\($0) is about to end" }
    }

    mutating func pass(_ duration: Duration) throws(Violation) {
        let end = now + duration
        while now < end { try step() }
    }

    mutating func takeDown() throws(Violation) {
        if chance(0.5) {
            isChaotic = true
            agenda.plan(.chaos, at: now)
            try pass(.seconds(Int64.random(in: 0...20, using: &random)))
        }
        while !isUp { try step() }
        isOrderly = !isChaotic
        isShutdownAsked = true
        let limit: Duration? = chance(0.5) ? .seconds(Int64.random(in: 0...20, using: &random)) : nil
        if limit != nil { isOrderly = false }
        let last = now + (isChaotic ? Self.timeToEnd : limit.map { $0 + .seconds(20) } ?? Self.timeToEnd)
        let crashes = supervisors
        send(.shutdownRequested(reason: "simulation", within: limit))
        // Somebody may be in more of a hurry than the first.
        var hurry: Duration? = chance(0.3) ? now + milliseconds(0...8_000) : nil
        while !(isUp && state.isFinished) {
            try step()
            if let time = hurry, time <= now, isUp {
                hurry = nil
                isOrderly = false
                send(.shutdownRequested(reason: "simulation", within: .milliseconds(Int64.random(in: 0...3_000, using: &random))))
            }
            if now > last, supervisors == crashes || now > last + Self.timeToEnd {
                fail("it does not end: \(state.overallReason ?? "no reason")")
            }
            try verify()
        }
        isOrderly = false
        if !processes.isEmpty { fail("it has ended, and \(processes.keys.sorted()) still runs") }
        try verify()
    }

    private static func isEnding(_ service: ServiceState) -> Bool { service.isRemoved || service.isRecreating }

    /// In a shutdown, or an apply, from rest nothing ends before what uses it.
    mutating func checkOrder(_ id: InstanceID) {
        guard isOrderly, let service = state.service(named: id.service) else { return }
        // A replacement that is not ready yet serves nobody.
        guard service.instances.contains(where: { $0.number == id.number && $0.main.slot == id.slot }) else { return }
        for user in state.services where user.name != id.service {
            let uses = user.definition.dependencies.contains { $0.name == id.service } || user.definition.fronts.contains(id.service)
            if !isShutdownAsked && !(Self.isEnding(service) && Self.isEnding(user)) { continue }
            if uses, !needs(id.service, user.name, orFronts: true), let left = processes.keys.filter({ $0.service == user.name }).min() {
                fail("\(id) is ended before \(left)")
            }
        }
    }
}
