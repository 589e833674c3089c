extension RestartRules {
    /// By default a service is always started again, and what is meant to end only where it failed.
    init(from field: Field?, of lifetime: Lifetime) {
        self.init(policy: lifetime == .continuous ? .always : .onFailure)
        guard let field else { return }
        if field.isScalar {
            policy = field.choice(Policy.self) ?? policy
            return
        }
        let reader = ObjectReader(field, RestartKey.self)
        policy = reader[.policy]?.choice(Policy.self) ?? policy
        if let field = reader[.backoff] {
            let backoff = ObjectReader(field, BackoffKey.self)
            initialBackoff = backoff[.initial]?.duration(in: TopologyBounds.backoff) ?? initialBackoff
            backoffFactor = backoff[.factor]?.number(in: TopologyBounds.backoffFactor) ?? backoffFactor
            maximumBackoff = backoff[.max]?.duration(in: TopologyBounds.backoff) ?? max(maximumBackoff, initialBackoff)
            if initialBackoff > maximumBackoff {
                (backoff[.initial] ?? field).report(
                    "the first delay of \(DurationText.write(initialBackoff)) is longer than max, \(DurationText.write(maximumBackoff)); raise max or lower initial"
                )
            }
        }
        if let limit = reader[.limit].map({ ObjectReader($0, RestartLimitKey.self) }) {
            limitRestarts = limit[.restarts]?.integer(in: TopologyBounds.restarts) ?? limitRestarts
            limitWindow = limit[.within]?.duration(in: TopologyBounds.restartWindow) ?? limitWindow
        }
        exceptions = reader[.exceptions].map(Self.exceptions) ?? []
    }

    private static func exceptions(_ field: Field) -> [RestartException] {
        var seen: Set<RestartException.End> = []
        return field.list(of: "exceptions").compactMap { field in
            let reader = ObjectReader(field, RestartExceptionKey.self)
            let consequence = reader[.then]?.choice(RestartException.Consequence.self)
            let ends = reader[.on].map { Self.ends($0, seen: &seen) } ?? []
            return consequence.map { RestartException(ends: ends, consequence: $0) }
        }
    }

    private static func ends(_ field: Field, seen: inout Set<RestartException.End>) -> Set<RestartException.End> {
        let expected = "exit statuses, signals or \(EndName.outOfMemory)"
        let entries = field.isScalar ? [field] : field.list(of: expected)
        if entries.isEmpty, field.isList || field.isNull { field.reportFound(expected: "\(expected), such as [78, SEGV]") }
        var ends: Set<RestartException.End> = []
        for entry in entries {
            guard let end = RestartException.End(from: entry) else { continue }
            if !seen.insert(end).inserted {
                entry.report("\(entry.found) stands above already, and the first holds; keep one of them")
            }
            ends.insert(end)
        }
        return ends
    }
}

extension RestartException.End {
    init?(from field: Field) {
        let range = TopologyBounds.exitStatus
        let expected = "an exit status from \(range.lowerBound) to \(range.upperBound), a signal such as SEGV, or \(EndName.outOfMemory)"
        guard let text = field.string(expected: expected) else { return nil }
        if let status = Int32(text), range.contains(Int(status)) {
            self = .status(status)
        } else if text == EndName.outOfMemory {
            self = .outOfMemory
        } else if let signal = EndName.signals.first(where: { $0.name == text }) {
            self = .signal(signal.number)
        } else {
            let name = text.uppercased().hasPrefix("SIG") ? String(text.uppercased().dropFirst(3)) : text.uppercased()
            let isSignal = EndName.all.contains(name)
            field.report(
                "found \(field.found), expected \(expected)\(isSignal ? "; write \(name)" : SpellingAid.question(text, in: EndName.all))")
            return nil
        }
    }
}
