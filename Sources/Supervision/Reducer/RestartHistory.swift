package import Topology

/// When an instance's process is started again after it ended by itself.
///
/// The first restart is at once, so that a single death costs nothing. Those that follow in a row wait
/// `initialBackoff × backoffFactor^(n-2)`, at most `maximumBackoff`, each ± 20 %: with the defaults 0, 100, 200, 400, 800 ms, 1.6, 3.2, 6.4 s …
/// A stretch of `limitWindow` without a death makes the next one a first one again.
package struct RestartHistory: Sendable, Equatable {
    package enum Decision: Sendable, Equatable {
        case restart(after: Duration)
        case giveUp(String)
    }

    static let jitter = 0.2

    private(set) var recent: [Duration] = []
    private(set) var inARow = 0

    package init() {}

    /// As it was kept by an earlier supervisor; times are of the reducer's clock, and may lie before its origin.
    init(recent: [Duration], inARow: Int) {
        self.recent = recent
        self.inARow = inARow
    }

    var isEmpty: Bool { inARow == 0 && recent.isEmpty }

    package mutating func decide(
        by rules: RestartRules, upFor: Duration, at now: Duration, random: inout some RandomNumberGenerator
    ) -> Decision {
        if upFor >= rules.limitWindow { inARow = 0 }
        recent.removeAll { now - $0 >= rules.limitWindow }
        guard recent.count < rules.limitRestarts else {
            return .giveUp("it ended \(recent.count + 1) times within \(rules.limitWindow)")
        }
        recent.append(now)
        inARow += 1
        return .restart(after: Self.delay(restart: inARow, by: rules, random: &random))
    }

    /// - Parameter restart: how many in a row, from 1.
    static func delay(restart: Int, by rules: RestartRules, random: inout some RandomNumberGenerator) -> Duration {
        guard restart > 1 else { return .zero }
        var delay = rules.initialBackoff
        for _ in 2..<max(2, restart) where delay < rules.maximumBackoff { delay = delay * max(1, rules.backoffFactor) }
        return min(delay, rules.maximumBackoff) * Double.random(in: (1 - jitter)...(1 + jitter), using: &random)
    }
}
