package import Supervision

extension TransitionRecord {
    /// `order/2`, or `order` when the change is the service's as a whole.
    package var subject: String { instance.map { "\(service)/\($0)" } ?? service }

    /// One line for a person: the time, what changed, and why.
    package func line(style: TerminalStyle) -> String {
        // HH:MM:SS of 2026-11-21T12:00:00.123456Z; the file of transitions has the rest.
        let clock = time.split(separator: "T").last.map { String($0.prefix(8)) } ?? time
        var text = "\(style.paint(clock, .dim))  \(subject)  \(from) → \(style.paint(to, .init(state: to)))  \(cause)"
        if let evidence { text += style.paint(" (\(evidence))", .dim) }
        if actor != "signalbox" { text += style.paint(" [\(actor)]", .dim) }
        return text
    }

    /// Whether a person who watches a running system wants to know: something went away, gave up, or came back from there.
    package var isNotable: Bool {
        switch to {
        case "failed", "unready", "degraded", "backoff", "ready", "completed", "stopped": true
        default: actor != "signalbox"
        }
    }
}
