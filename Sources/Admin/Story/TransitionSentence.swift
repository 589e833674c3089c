import Supervision

/// One transition as a sentence.
struct TransitionSentence {
    private static let supervisor = "signalbox"

    private let record: TransitionRecord
    private let subject: String

    init(_ record: TransitionRecord, subject: String) {
        var record = record
        var subject = subject
        // While an instance is replaced it has two processes, and the record says which one is meant.
        for (mark, process) in [("new ", "new process"), ("old ", "outgoing process")] where record.to.hasPrefix(mark) {
            record.from = record.from.hasPrefix(mark) ? String(record.from.dropFirst(mark.count)) : record.from
            record.to = String(record.to.dropFirst(mark.count))
            subject = subject == "It" ? "Its \(process)" : "\(subject)'s \(process)"
        }
        self.record = record
        self.subject = subject
    }

    var event: Story.Event {
        Story.Event(
            time: record.time, instance: record.instance, text: StoryWords.sentence(text), importance: importance)
    }

    private var importance: Story.Event.Importance {
        switch record.to {
        case "ready", "completed": .good
        case "failed", "backoff", "unready", "ending", "killing", "rolled back": .bad
        case "starting", "waiting": record.isEnd ? .bad : .ordinary
        default: .ordinary
        }
    }

    private var text: String {
        guard record.instance != nil else { return whole }
        return switch (record.from, record.to) {
        case (_, "starting") where record.isEnd: "\(end), and was started again at once"
        case (_, "waiting") where record.isEnd: "\(end); it waits for what it depends on before it is started again"
        case (_, "backoff"): "\(end); it was to be started again after a pause"
        case (_, "failed"): isUnstartable ? "\(subject) was given up: \(record.cause)\(evidence)" : "\(end), and was given up"
        case (_, "replacing"): "\(subject) began to be replaced\(because)\(evidence)"
        case ("replacing", let to):
            record.cause == "its replacement is ready"
                ? "\(subject) was replaced: its new process is ready\(evidence)"
                : "\(subject) stays as it is, \(to): \(record.cause)\(evidence)"
        case (_, "ending"): "\(subject == "It" ? "Its" : "\(subject)'s") main process ended \(StoryWords.exit(record.evidence))"
        case ("backoff", "starting"): "\(subject) was started again"
        case ("waiting", "starting"): "\(subject) was started: \(record.cause)\(evidence)\(by)"
        case (_, "starting"): "\(subject) was started\(because)\(evidence)"
        case (_, "waiting"): "\(subject) waited for what it depends on\(because)\(evidence)"
        case (_, "ready"): "\(subject) became ready: \(record.cause)\(evidence)"
        case (_, "unready"): "\(subject) stopped being ready: \(record.cause)\(seen)"
        case (_, "draining"): "\(subject) was taken out of the gateway to be ended\(because)\(evidence)"
        case ("draining", "stopping"): "\(subject) was asked to end"
        case (_, "stopping"): "\(subject) was asked to end\(because)\(seen)"
        case (_, "killing"): "\(subject) was killed: \(record.cause)\(evidence)"
        case (_, "stopped"):
            record.evidence == nil ? "\(subject) was set to stopped\(because)" : stopped
        case (_, "completed"): "\(subject) has done its work and ended \(StoryWords.exit(record.evidence))"
        case (_, "scheduled"): "\(subject) waits for its next run: \(record.cause)\(evidence)"
        default: "\(subject) went from \(record.from) to \(record.to): \(record.cause)\(evidence)\(by)"
        }
    }

    /// Of the service: `It was scaled from 1 to 3 by its rule (600 messages …)`.
    private var whole: String {
        let cause = record.cause
        let words =
            switch (record.from, record.to) {
            case _ where cause.hasPrefix("scaled "): "It was \(cause)"
            case (_, "rolled back"): "Its update was rolled back: \(cause)"
            case ("unprepared", "prepared"): "It was prepared: \(cause)"
            case ("scheduled", "left out"): "A run was left out: \(cause)"
            default: record.from == record.to ? StoryWords.capitalised(cause) : "It went from \(record.from) to \(record.to): \(cause)"
            }
        return words + evidence + by
    }

    private var end: String {
        guard !isUnstartable else { return "\(subject) could not be started\(evidence)" }
        let reason = TransitionRecord.plainEnds.contains(record.cause) ? "" : " because \(record.cause)"
        let words = StoryWords.exit(record.evidence)
        if words.hasPrefix("by ") { return "\(subject) was ended \(words)\(reason)" }
        return "\(subject) ended\(record.cause == "it ended by itself" ? " by itself" : "") \(words)\(reason)"
    }

    private var stopped: String {
        let words = StoryWords.exit(record.evidence)
        return "\(subject) \(words.hasPrefix("by ") ? "was ended" : "ended") \(words)\(by)"
    }

    /// There has been no process that could have ended.
    private var isUnstartable: Bool { record.cause.contains("could not be started") }

    private var because: String {
        switch record.cause {
        case "it is declared": ": the topology declares it"
        case "start", "stop", "restart", "run": record.actor == Self.supervisor ? ": \(record.cause)" : by
        case let cause where cause.hasPrefix("asked for by "):
            ": everything was to stop, as \(StoryWords.actor(String(cause.dropFirst("asked for by ".count)))) asked"
        default: ": \(record.cause)\(by)"
        }
    }

    private var by: String { record.actor == Self.supervisor ? "" : ", as \(StoryWords.actor(record.actor)) asked" }
    private var evidence: String { record.evidence.map { " (\($0))" } ?? "" }
    private var seen: String { record.evidence.map { "; the last answer was: \($0)" } ?? "" }
}
