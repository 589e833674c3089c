import Supervision

/// What a person can do about a service as it is now.
struct StoryAdvice {
    private let status: ServiceStatus
    private let name: String
    private let records: [TransitionRecord]

    init(_ status: ServiceStatus, instance: Int?, records: [TransitionRecord]) {
        self.status = status
        self.records = records
        name = status.name
    }

    var sentences: [String] {
        var advice = ofState
        if isRolledBack {
            advice.append(
                "Its last update was rolled back. Correct its declaration, look at signalbox plan, and run signalbox apply again.")
        }
        return advice
    }

    private var ofState: [String] {
        switch status.state {
        case .failed: failed
        case .waiting: waiting
        case .degraded, .starting: troubled
        case .stopping: ["signalbox status --watch shows who is left; what does not end within its grace is killed."]
        case .stopped where status.desired == 0: ["signalbox scale \(name)=1 starts one."]
        case .stopped: ["signalbox start \(name) brings it back."]
        case .completed, .scheduled: ["signalbox run \(name) runs it now."]
        case .ready: []
        }
    }

    private var failed: [String] {
        let last = records.last { $0.to == "failed" || $0.isEnd }
        var advice: [String] = []
        if last?.evidence?.hasSuffix(StoryWords.outOfMemory) == true {
            advice.append("Find out what took the memory, or raise limits.memory of \(name) in topology.yaml; then: signalbox apply")
        } else if last?.cause.contains("could not be started") == true {
            advice.append("Correct its command in topology.yaml, or put in place what it names; then: signalbox apply")
        } else {
            advice.append("signalbox logs \(name) shows what it said last.")
        }
        advice.append("signalbox start \(name) tries again, with a new count of restarts.")
        return advice
    }

    private var waiting: [String] {
        // `waits for broker, database`.
        guard let reason = status.reason ?? status.instances.lazy.compactMap(\.reason).first, reason.hasPrefix("waits for ") else {
            return []
        }
        let names = reason.dropFirst("waits for ".count).split(separator: ",").map { $0.drop { $0 == " " } }
        return names.prefix(3).map { "signalbox why \($0) tells what keeps \($0) from being there." }
    }

    private var troubled: [String] {
        let isPaused = status.instances.contains { $0.state == "backoff" }
        let again = isPaused ? ["It is tried again by itself; signalbox restart \(name) does so now."] : []
        let hasTrouble = isPaused || status.instances.contains { $0.state == "unready" || $0.restarts > 0 }
        return hasTrouble ? ["signalbox logs \(name) shows what it says."] + again : []
    }

    private var isRolledBack: Bool {
        status.reason?.contains("rolled back") == true || status.instances.contains { $0.reason?.contains("rolled back") == true }
    }
}
