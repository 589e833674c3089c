/// What is kept in the state directory over restarts of the supervisor, for as long as the keeper runs. A new `up` keeps `scaledByHand`,
/// `rolledBack` and `lastRuns` of it, and drops the rest.
///
/// Keys that name instances are the text of an `InstanceID` in slot a: `order/2`. Times are seconds since 1970.
package struct Remembered: Sendable, Equatable, Codable {
    /// An update that was refused, and why.
    package struct RolledBack: Sendable, Equatable, Codable {
        /// Of the declaration that did not come up.
        package var fingerprint: String
        package var reason: String

        package init(fingerprint: String, reason: String) {
            self.fingerprint = fingerprint
            self.reason = reason
        }
    }

    /// An instance that has given up.
    package struct Failure: Sendable, Equatable, Codable {
        /// Of the declaration it gave up with: another one is tried.
        package var fingerprint: String
        package var reason: String

        package init(fingerprint: String, reason: String) {
            self.fingerprint = fingerprint
            self.reason = reason
        }
    }

    /// The restarts of an instance, so that neither its limit nor its backoff begins anew.
    package struct Restarts: Sendable, Equatable, Codable {
        package var times: [Double]
        package var inARow: Int
        /// It was waiting for this time.
        package var until: Double?

        package init(times: [Double] = [], inARow: Int = 0, until: Double? = nil) {
            self.times = times
            self.inARow = inARow
            self.until = until
        }
    }

    /// By service: what a person asked for.
    package var scaledByHand: [String: Int]
    /// By service: what its rule has made of the number, where that is another than is declared or asked for.
    package var scaledByRule: [String: Int]
    /// Services that a person has stopped.
    package var held: Set<String>
    /// By service: while the declaration before is in force instead of the file's.
    package var rolledBack: [String: RolledBack]
    /// By service, while an update is under way: the fingerprint of the declaration that it goes back to if that fails.
    package var updating: [String: String]
    /// By instance: done with the declaration of this fingerprint.
    package var completed: [String: String]
    /// By scheduled service: when its latest run began.
    package var lastRuns: [String: Double]
    /// By scheduled service, while a run waits for the one before it to end: its time.
    package var runsWaiting: [String: Double]
    /// By scheduled service, while a run is to begin and none of it is there: its time.
    package var runsDue: [String: Double]
    /// Services that were told to run while none of them is desired.
    package var runsByHand: Set<String>
    /// By instance.
    package var failed: [String: Failure]
    /// By instance.
    package var restarts: [String: Restarts]
    /// By instance: the pid of the process that is to be replaced when its turn comes.
    package var replacing: [String: Int]

    package init(
        scaledByHand: [String: Int] = [:], held: Set<String> = [], rolledBack: [String: RolledBack] = [:], updating: [String: String] = [:],
        completed: [String: String] = [:], lastRuns: [String: Double] = [:], failed: [String: Failure] = [:],
        restarts: [String: Restarts] = [:], replacing: [String: Int] = [:], scaledByRule: [String: Int] = [:],
        runsWaiting: [String: Double] = [:], runsDue: [String: Double] = [:], runsByHand: Set<String> = []
    ) {
        self.scaledByHand = scaledByHand
        self.scaledByRule = scaledByRule
        self.held = held
        self.rolledBack = rolledBack
        self.updating = updating
        self.completed = completed
        self.lastRuns = lastRuns
        self.failed = failed
        self.restarts = restarts
        self.replacing = replacing
        self.runsWaiting = runsWaiting
        self.runsDue = runsDue
        self.runsByHand = runsByHand
    }

    /// What an older supervisor did not write is as if there were none of it.
    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        scaledByHand = try keys.decodeIfPresent([String: Int].self, forKey: .scaledByHand) ?? [:]
        scaledByRule = try keys.decodeIfPresent([String: Int].self, forKey: .scaledByRule) ?? [:]
        held = try keys.decodeIfPresent(Set<String>.self, forKey: .held) ?? []
        rolledBack = try keys.decodeIfPresent([String: RolledBack].self, forKey: .rolledBack) ?? [:]
        updating = try keys.decodeIfPresent([String: String].self, forKey: .updating) ?? [:]
        completed = try keys.decodeIfPresent([String: String].self, forKey: .completed) ?? [:]
        lastRuns = try keys.decodeIfPresent([String: Double].self, forKey: .lastRuns) ?? [:]
        runsWaiting = try keys.decodeIfPresent([String: Double].self, forKey: .runsWaiting) ?? [:]
        runsDue = try keys.decodeIfPresent([String: Double].self, forKey: .runsDue) ?? [:]
        runsByHand = try keys.decodeIfPresent(Set<String>.self, forKey: .runsByHand) ?? []
        failed = try keys.decodeIfPresent([String: Failure].self, forKey: .failed) ?? [:]
        restarts = try keys.decodeIfPresent([String: Restarts].self, forKey: .restarts) ?? [:]
        replacing = try keys.decodeIfPresent([String: Int].self, forKey: .replacing) ?? [:]
    }
}
