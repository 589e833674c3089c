package import Supervision

extension ApplyPlan {
    /// For a person: what is to be done, and why.
    package func lines(style: TerminalStyle) -> [String] {
        guard !isEmpty else { return ["What runs is what the file says: there is nothing to do."] }
        var lines: [String] = []
        for step in services {
            lines.append("\(style.paint(step.service, .bold)): \(Self.words(step.action))")
            lines += step.reasons.map { "    \($0)" }
        }
        func section(_ title: String, _ entries: [String], _ colour: TerminalStyle.Colour?) {
            guard !entries.isEmpty else { return }
            lines.append(style.paint(title, colour ?? .bold))
            lines += entries.map { "    \($0)" }
        }
        section("broker:", broker, nil)
        section("refused by the broker:", refused, .red)
        section("note:", notes, .yellow)
        return lines
    }

    private static func words(_ action: Step.Action) -> String {
        switch action {
        case .none: "nothing to do"
        case .inPlace: "changed in place, no process is touched"
        case .rolling: "restarted one instance after the other"
        case .recreate: "stopped, then started anew"
        case .start: "started"
        case .stop: "stopped"
        }
    }
}
