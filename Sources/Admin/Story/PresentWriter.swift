import Supervision

/// What a service is now, in a sentence or two.
struct PresentWriter {
    private let status: ServiceStatus
    private let instance: Int?
    private let last: TransitionRecord?

    init(_ status: ServiceStatus, instance: Int?, last: TransitionRecord?) {
        self.status = status
        self.instance = instance
        self.last = last
    }

    var sentences: [String] {
        var sentences = [StoryWords.sentence(service)]
        for one in status.instances where one.instance == instance || instance == nil && status.instances.count > 1 && one.isTroubled {
            sentences.append(StoryWords.sentence(describe(one)))
        }
        return sentences
    }

    private var service: String {
        let name = status.name
        let count = status.desired == 1 ? "" : ": \(status.ready) of \(status.desired) instances are ready"
        let reason = status.reason.map { count.isEmpty ? ": \($0)" : "; \($0)" } ?? ""
        return switch status.state {
        case .ready: "\(name) is ready\(count)" + (status.reason.map { "; \($0)" } ?? "")
        case .waiting:
            "\(name) waits" + (status.reason.map { $0.hasPrefix("waits") ? String($0.dropFirst("waits".count)) : ": \($0)" } ?? "")
        case .starting: "\(name) is being started\(count)\(reason)"
        case .degraded: "\(name) does not do all its work\(count)\(reason)"
        case .stopping: "\(name) is being stopped\(reason)"
        case .stopped: "\(name) is stopped" + (status.reason.map { ": \($0)" } ?? (status.desired == 0 ? ": no instance is wanted" : ""))
        case .failed: "\(name) has failed and waits for a person\(reason)"
        case .completed: "\(name) has done its work\(reason)"
        case .scheduled: "\(name) waits for its next run\(reason)"
        }
    }

    private func describe(_ one: InstanceStatus) -> String {
        var words = "Instance \(one.instance) is \(one.state)"
        if let pid = one.pid { words += ", process \(pid)" }
        if one.restarts > 0 { words += ", restarted \(StoryWords.times(one.restarts))" }
        if let reason = one.reason ?? one.lastExit.map({ "it ended last \(StoryWords.exit($0))" }) { words += ": \(reason)" }
        return words
    }
}

extension InstanceStatus {
    fileprivate var isTroubled: Bool { !["ready", "completed", "stopped", "scheduled"].contains(state) }
}
