/// Words for people.
enum StoryWords {
    /// With these an end's evidence ends for which there was no memory left.
    static let outOfMemory = "out of memory"

    /// - Parameter evidence: `status 1`, `signal 9 (KILL)`, `signal 9 (KILL), out of memory`, or anything else that was seen.
    static func exit(_ evidence: String?) -> String {
        guard let evidence, !evidence.isEmpty else { return "without a word" }
        if evidence.hasSuffix(outOfMemory) { return "because it was out of memory" }
        if evidence.hasPrefix("status ") { return "with \(evidence)" + (meaning(of: evidence).map { " (\($0))" } ?? "") }
        if evidence.hasPrefix("signal ") { return "by \(evidence)" }
        return "(\(evidence))"
    }

    /// What shells and systemd's tools mean by a status.
    private static func meaning(of status: String) -> String? {
        switch status {
        case "status 126": "its command may not be executed"
        case "status 127": "its command was not found"
        case "status 78": "something is wrong with its configuration"
        default: nil
        }
    }

    /// - Parameter seconds: 0.25 → `0.3 s`, 75 → `1 min 15 s`, 7200 → `2 h`.
    static func span(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "0 s" }
        if seconds < 10 {
            let tenths = max(1, Int((seconds * 10).rounded()))
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        }
        let whole = Int(min(seconds.rounded(), 1e12))
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min" + (whole % 60 == 0 ? "" : " \(whole % 60) s")
        case ..<86_400: return "\(whole / 3600) h" + (whole / 60 % 60 == 0 ? "" : " \(whole / 60 % 60) min")
        default: return "\(whole / 86_400) d" + (whole / 3600 % 24 == 0 ? "" : " \(whole / 3600 % 24) h")
        }
    }

    static func times(_ count: Int) -> String {
        switch count {
        case 1: "once"
        case 2: "twice"
        default: "\(count) times"
        }
    }

    static func ordinal(_ number: Int) -> String {
        let suffix =
            switch (number % 100, number % 10) {
            case (11...13, _): "th"
            case (_, 1): "st"
            case (_, 2): "nd"
            case (_, 3): "rd"
            default: "th"
            }
        return "\(number)\(suffix)"
    }

    /// - Parameter actor: as a transition names it.
    static func actor(_ actor: String) -> String {
        switch actor {
        case "admin token": "somebody with the admin token"
        case let actor where actor.hasPrefix("uid 0,"): "root (\(actor.dropFirst("uid 0,".count).drop { $0 == " " }))"
        case let actor where actor.hasPrefix("uid "):
            "user \(actor.dropFirst("uid ".count).replacing(", ", with: " (", maxReplacements: 1)))"
        default: actor
        }
    }

    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// With one full stop at the end.
    static func sentence(_ text: String) -> String { text.hasSuffix(".") || text.hasSuffix("!") ? text : text + "." }
}
