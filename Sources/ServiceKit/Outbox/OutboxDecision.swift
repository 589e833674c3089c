/// What becomes of a batch, by what the broker said to each of its events.
struct OutboxDecision: Sendable, Equatable {
    enum Result: Sendable, Equatable {
        case confirmed
        /// No queue takes it. The broker's words.
        case unroutable(String)
        /// Not the event's fault: no connection, no confirm in time, a full queue.
        case failed(String)
    }

    struct Deferral: Sendable, Equatable {
        var row: OutboxRow
        var pause: Duration
    }

    struct Parking: Sendable, Equatable {
        var row: OutboxRow
        var cause: String
    }

    /// Returns of one event until it is parked: with the pauses below about four minutes.
    static let maximumAttempts = 12
    /// Pauses after a return: 1, 2, 4, 8, 16, 30, 30 … s.
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)

    /// They leave the outbox.
    var confirmed: [OutboxRow] = []
    /// They stay and are taken again at once.
    var kept: [OutboxRow] = []
    /// They stay and are taken again after a pause, so that they hold nobody up.
    var deferred: [Deferral] = []
    /// They move to the table of parked events, for a person to look at.
    var parked: [Parking] = []
    /// Why events were kept.
    var failure: String?

    /// - Parameter results: one for each row.
    init(rows: [OutboxRow], results: [Result]) {
        for (row, result) in zip(rows, results) {
            switch result {
            case .confirmed:
                confirmed.append(row)
            case .failed(let cause):
                kept.append(row)
                failure = failure ?? cause
            case .unroutable(let cause):
                var row = row
                row.attempts += 1
                if row.attempts >= Self.maximumAttempts {
                    parked.append(Parking(row: row, cause: cause))
                } else {
                    deferred.append(Deferral(row: row, pause: Self.pause(afterAttempt: row.attempts)))
                }
            }
        }
    }

    /// Nothing came of it: the transaction is rolled back, which keeps every row as it was.
    var isRollback: Bool { confirmed.isEmpty && deferred.isEmpty && parked.isEmpty }

    static func pause(afterAttempt attempt: Int) -> Duration {
        min(firstPause * (1 << min(max(attempt - 1, 0), 16)), longestPause)
    }
}
