package import Supervision

extension ApplyPlan {
    /// Whether an apply would change anything.
    package var hasChanges: Bool { services.contains { $0.action != .none } || !broker.isEmpty }

    /// For a person: what is to be done to each service, and why.
    package func lines(style: TerminalStyle, width: Int? = nil) -> [String] {
        var lines: [String] = []
        if !services.isEmpty {
            var table = TextTable("SERVICE", "WHAT", "WHY")
            for step in services {
                let colour = Self.colour(step.action)
                table.add(
                    .init(step.service, step.action == .none ? .dim : nil), .init(Self.words(step.action), colour),
                    .init(step.reasons.joined(separator: "; "), step.action == .none ? .dim : nil))
            }
            lines += table.lines(style: style, width: width)
        }
        func section(_ title: String, _ entries: [String], _ colour: TerminalStyle.Colour) {
            guard !entries.isEmpty else { return }
            lines += (lines.isEmpty ? [] : [""]) + [style.paint(title, colour)] + entries.map { "    \($0)" }
        }
        section("On the broker:", broker, .bold)
        section("Refused by the broker:", refused, .red)
        section("In the broker and not in the file, left alone (apply --prune deletes it):", undeclared, .dim)
        section("Note:", notes, .yellow)
        return lines + (lines.isEmpty ? [] : [""]) + [summary]
    }

    /// `2 of 12 services change: 1 rolling, 1 start.`
    private var summary: String {
        guard hasChanges else {
            return refused.isEmpty
                ? "What runs is what the file says: there is nothing to do." : "Nothing can be applied before that is resolved."
        }
        let changed = services.filter { $0.action != .none }
        guard !changed.isEmpty else { return "No service changes." }
        let order: [Step.Action] = [.inPlace, .rolling, .recreate, .start, .stop]
        let counts = order.compactMap { action in
            let count = changed.count { $0.action == action }
            return count == 0 ? nil : "\(count) \(Self.words(action))"
        }
        let of = changed.count == services.count ? "" : " of \(services.count)"
        return
            "\(changed.count)\(of) service\(changed.count == 1 && of.isEmpty ? "" : "s") \(changed.count == 1 ? "changes" : "change"): \(counts.joined(separator: ", "))."
    }

    package static func words(_ action: Step.Action) -> String { action == .none ? "nothing" : action.rawValue }

    private static func colour(_ action: Step.Action) -> TerminalStyle.Colour? {
        switch action {
        case .none: .dim
        case .inPlace: .cyan
        case .rolling: .yellow
        case .recreate: .magenta
        case .start: .green
        case .stop: .red
        }
    }
}
