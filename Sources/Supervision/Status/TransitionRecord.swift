/// A change of state of an instance or of a service, and why it came about. One line of `audit.jsonl` in the state directory.
package struct TransitionRecord: Codable, Sendable, Equatable {
    /// From 1, one more each time, over restarts of the supervisor too.
    package var sequence: Int
    /// ISO 8601 with microseconds.
    package var time: String
    package var service: String
    /// Nil: the change is the service's as a whole (scaled, provisioned …).
    package var instance: Int?
    package var from: String
    package var to: String
    /// In a sentence's words: `it ended by itself`, `its liveness probe failed 3 times`.
    package var cause: String
    /// What was seen: the exit status, the probe's last answer, the queue's depth.
    package var evidence: String?
    /// Who wanted it: `signalbox`, or the person or token that asked.
    package var actor: String

    package init(
        sequence: Int, time: String, service: String, instance: Int?, from: String, to: String, cause: String, evidence: String?,
        actor: String
    ) {
        self.sequence = sequence
        self.time = time
        self.service = service
        self.instance = instance
        self.from = from
        self.to = to
        self.cause = cause
        self.evidence = evidence
        self.actor = actor
    }
}
