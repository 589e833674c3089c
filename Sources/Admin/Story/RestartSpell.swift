import Supervision

/// An instance that ends and is started again, and ends again: from its first end to the time when it stays up, gives up or is stopped.
struct RestartSpell {
    /// Seconds; one that has been up for longer is not told in one breath with its next end.
    private static let longestLife = 60.0

    private(set) var records: [TransitionRecord]
    private var ends: [TransitionRecord] = []
    private var lastStart: TransitionRecord?

    /// - Returns: Nil when the transition is not an end that a restart follows.
    init?(_ record: TransitionRecord) {
        guard record.isEnd else { return nil }
        records = [record]
        ends = [record]
        if record.to == "starting" { lastStart = record }
    }

    /// - Returns: False when the spell is over before this one.
    mutating func take(_ record: TransitionRecord) -> Bool {
        guard let last = records.last, last.to != "failed" else { return false }
        if record.isEnd {
            if let lastStart, record.seconds - lastStart.seconds > Self.longestLife { return false }
            ends.append(record)
            if record.to == "starting" { lastStart = record }
        } else if record.isRestart {
            lastStart = record
        } else if !record.isTroubleOfItsOwn {
            return false
        }
        records.append(record)
        return true
    }

    /// What has followed the last end and restart: a part of the spell only if it leads to another end.
    var trailing: ArraySlice<TransitionRecord> {
        let last = records.lastIndex { $0.isEnd || $0.isRestart } ?? records.startIndex
        return records[(last + 1)...]
    }

    /// False: it ended once, and each of its transitions is a sentence.
    var isSummedUp: Bool { ends.count > 1 }

    /// What it did, as a whole.
    func summary(subject: String) -> [(sequence: Int, event: Story.Event)] {
        guard let first = ends.first, let last = ends.last, let final = records.dropLast(trailing.count).last else { return [] }
        let seconds = last.seconds - first.seconds
        let span = seconds < 0.001 ? "at once" : "within \(StoryWords.span(seconds))"
        var text = "\(subject) ended \(StoryWords.times(ends.count)) \(span), \(evidence)"
        let causes = Set(ends.map(\.cause))
        if causes.count == 1, let cause = causes.first, !TransitionRecord.plainEnds.contains(cause) {
            text += "; each time because \(cause)"
        }
        var importance = Story.Event.Importance.bad
        switch final.to {
        case "failed": text += "; after the \(StoryWords.ordinal(ends.count)) it was given up"
        case "backoff": text += "; it is to be started again after a pause"
        case "waiting": text += "; it waits for what it depends on"
        case "ready":
            text += "; then it became ready" + (final.evidence.map { " (\($0))" } ?? "")
            importance = .ordinary
        default: text += "; it was started again each time"
        }
        let event = Story.Event(
            time: first.time, until: final.time == first.time ? nil : final.time, instance: first.instance, text: text + ".",
            importance: importance)
        return [(first.sequence, event)]
    }

    /// `each time with status 1`, or how often with what.
    private var evidence: String {
        var counts: [(words: String, count: Int)] = []
        for end in ends {
            let words = StoryWords.exit(end.evidence)
            if let index = counts.firstIndex(where: { $0.words == words }) {
                counts[index].count += 1
            } else {
                counts.append((words, 1))
            }
        }
        if counts.count == 1 { return "each time \(counts[0].words)" }
        return counts.map { "\($0.words) \(StoryWords.times($0.count))" }.joined(separator: ", ")
    }
}

extension TransitionRecord {
    /// Causes that say no more than that it ended.
    static let plainEnds: Set<String> = ["it ended by itself", "its main process has ended"]

    /// A process that was to run is gone, or could not be started.
    var isEnd: Bool {
        switch to {
        case "backoff", "failed": true
        // Started again at once, or once its dependencies are back.
        case "starting", "waiting":
            ["ready", "unready", "starting", "ending", "draining", "stopping", "killing"].contains(from) && evidence != nil
        default: false
        }
    }

    /// It comes back after an end.
    var isRestart: Bool {
        switch (from, to) {
        case ("backoff", _), ("starting", "ready"), ("waiting", "starting"), ("starting", "starting"): true
        default: false
        }
    }

    /// It is not well, and nobody asked for that.
    var isTroubleOfItsOwn: Bool { actor == "signalbox" && ["unready", "ending", "draining", "stopping", "killing"].contains(to) }

    /// Since 1970.
    var seconds: Double { LogTime.parse(time, now: 0, isLocal: false) ?? 0 }
}
