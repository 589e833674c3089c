import BrokerTopology

/// What the supervisor knows of the broker from looking at it again and again.
struct BrokerWatch {
    /// A quorum queue tells of itself within one tick of its Raft server (5 s) and of the statistics (up to 5 s).
    static let leaderPatience = Duration.seconds(12)

    var status: BrokerStatus?
    var stall = BrokerStall()
    /// Queues whose migration a start or an apply has asked for.
    var asked: Set<String> = []
    /// A person has asked for what is undeclared to be deleted, with the next preparation of the broker.
    var isPruneAsked = false
    var progress: [QueueMigrator.Progress] = []
    /// One may have been begun by whoever was here before.
    var isMigrationPossible = true
    /// What is asked for and not begun is told of too.
    var migrationTexts: [String] {
        let begun = Set(progress.map(\.queue))
        return progress.map { "queue \($0.queue): \($0.text)" } + asked.subtracting(begun).sorted().map { "queue \($0): it begins" }
    }

    /// Quorum queues that do not tell of themselves, and since when.
    private var silentSince: [String: ContinuousClock.Instant] = [:]

    /// Quorum queues that have no leader.
    var leaderless: Set<String> {
        let now = ContinuousClock.now
        return Set(silentSince.filter { $0.value.duration(to: now) >= Self.leaderPatience }.keys)
    }

    mutating func tellMigrations() {
        // Read before the status is touched: both in one statement would be two accesses at a time.
        let texts = migrationTexts
        status?.migrations = texts
    }

    mutating func observe(_ state: BrokerState) {
        let silent = state.queues.filter { $0.kind == "quorum" && !$0.isAlive }.map(\.name)
        silentSince = Dictionary(uniqueKeysWithValues: Set(silent).map { ($0, silentSince[$0] ?? .now) })
    }
}
