package import Supervision

/// What is waited for after a one-shot or a scheduled service was told to run.
package struct RunProgress: Sendable {
    package enum End: Sendable, Equatable {
        case done(TransitionRecord)
        case failed(TransitionRecord)
        /// Somebody has stopped it, or it has become another.
        case stopped(String)
    }

    /// Of the latest transition that has been looked at.
    package private(set) var lastSequence: Int
    private var ends: [TransitionRecord] = []

    /// - Parameter sequence: of the latest transition before it was told to run.
    package init(after sequence: Int) { lastSequence = sequence }

    /// - Parameters:
    ///   - status: asked before the transitions were: a run that is over by it has left its transitions.
    ///   - transitions: that came after `lastSequence`, oldest first.
    /// - Returns: how the run has ended; nil: it is under way.
    package mutating func look(at status: ServiceStatus, _ transitions: [TransitionRecord]) -> End? {
        lastSequence = transitions.last?.sequence ?? lastSequence
        ends += transitions.filter { ["completed", "failed", "scheduled", "stopped"].contains($0.to) && $0.instance != nil }
        // From `stopped` it goes back to its schedule without having done anything.
        if let last = ends.last(where: { $0.to != "stopped" && $0.from != "stopped" }) {
            return last.to == "failed" ? .failed(last) : .done(last)
        }
        let isGone = status.state == .stopped || status.state == .scheduled && ends.contains { $0.from == "stopped" }
        return isGone ? .stopped(status.reason ?? ends.last?.cause ?? "it was stopped") : nil
    }
}
