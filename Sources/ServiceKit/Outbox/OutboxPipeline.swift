/// Which rows of the outbox may be sent, which are with the broker, and what becomes of each by what the broker said to it.
///
/// It holds rows from when they are read until they are gone from the table, so that none is read twice. Rows of one ordering key are sent
/// one at a time: so none overtakes an earlier one that is returned or refused.
struct OutboxPipeline: Sendable {
    struct Limits: Sendable {
        /// With the broker or on the way there. Twice the publisher's window, so that it has the next at hand when a confirm comes.
        var inFlight = 512
        var held = 2048
        /// Of one ordering key, so that a busy one cannot fill it all.
        var heldOfKey = 32
    }

    struct PutOff: Sendable, Equatable {
        var row: OutboxRow
        var pause: Duration
        var cause: String
    }

    struct Parking: Sendable, Equatable {
        var row: OutboxRow
        var cause: String
    }

    /// Returns of one message until it is parked: with the pauses below about four minutes.
    static let maximumAttempts = 12
    /// Pauses after a return or a refusal: 1, 2, 4, 8, 16, 30, 30 … s.
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)

    private enum Place: Sendable {
        /// In `ready`, or behind another of its key.
        case waiting
        case inFlight
        /// Confirmed, and in the table still.
        case confirmed
    }

    private struct Held: Sendable {
        var row: OutboxRow
        var place: Place
    }

    let limits: Limits
    private var held: [Int: Held] = [:]
    /// Ids that may be sent; those that are held no more are skipped.
    private var ready: [Int] = []
    private var readyHead = 0
    /// By ordering key: who is sent or ready, and then those behind it, in their order.
    private var lanes: [String: [Int]] = [:]
    private(set) var inFlight = 0
    /// To be deleted.
    private(set) var confirmed: [OutboxRow] = []
    /// To be put off in the table. Until that is done they must not be read again.
    private(set) var putOffs: [PutOff] = []
    private(set) var parkings: [Parking] = []
    /// Keys of which rows were read that there was no room for.
    private var cutOff: Set<String> = []
    /// There is more to read, because it was declined before.
    private(set) var hasRoomForDeclined = false

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    var isEmpty: Bool { held.isEmpty && putOffs.isEmpty && parkings.isEmpty }
    var room: Int { max(0, limits.held - held.count) }
    var heldIDs: [Int] { Array(held.keys) }
    /// Keys of which no more are to be read now.
    var fullKeys: [String] { Array(cutOff) }
    var hasChanges: Bool { !confirmed.isEmpty || !putOffs.isEmpty || !parkings.isEmpty }

    /// Takes what was read, in its order.
    mutating func add(_ rows: [OutboxRow]) {
        hasRoomForDeclined = false
        for row in rows where held[row.id] == nil {
            let key = row.orderingKey
            if key.isEmpty {
                ready.append(row.id)
            } else {
                let lane = lanes[key, default: []]
                // Once one of a key is declined, so are those behind it.
                guard lane.count < limits.heldOfKey, !cutOff.contains(key) else {
                    cutOff.insert(key)
                    // They may have kept rows of other keys from being read.
                    hasRoomForDeclined = true
                    continue
                }
                if lane.isEmpty { ready.append(row.id) }
                lanes[key, default: []].append(row.id)
            }
            held[row.id] = Held(row: row, place: .waiting)
        }
    }

    /// What may be sent now, in its order.
    mutating func takeReady() -> [OutboxRow] {
        var rows: [OutboxRow] = []
        while inFlight < limits.inFlight, readyHead < ready.count {
            let id = ready[readyHead]
            readyHead += 1
            guard let entry = held[id], case .waiting = entry.place else { continue }
            held[id]?.place = .inFlight
            inFlight += 1
            rows.append(entry.row)
        }
        if readyHead == ready.count {
            ready.removeAll(keepingCapacity: true)
            readyHead = 0
        }
        return rows
    }

    mutating func settle(_ id: Int, _ result: OutboxResult) {
        guard let entry = held[id], case .inFlight = entry.place else { return }
        inFlight -= 1
        var row = entry.row
        switch result {
        case .confirmed:
            held[id]?.place = .confirmed
            confirmed.append(row)
            leaveLane(row)
        case .unroutable(let cause):
            row.attempts += 1
            drop(row)
            if row.attempts >= Self.maximumAttempts {
                parkings.append(Parking(row: row, cause: cause))
            } else {
                putOffs.append(PutOff(row: row, pause: Self.pause(afterAttempt: row.attempts), cause: cause))
            }
        case .refused(let cause):
            row.refusals = row.refusals == .max ? .max : row.refusals + 1
            drop(row)
            putOffs.append(PutOff(row: row, pause: Self.pause(afterAttempt: row.refusals), cause: cause))
        case .away:
            drop(row)
        }
    }

    /// Forgets what is not with the broker: it stays in the table and is read again.
    mutating func dropWaiting() {
        for (id, entry) in held {
            guard case .waiting = entry.place else { continue }
            held[id] = nil
        }
        ready = []
        readyHead = 0
        cutOff = []
        lanes = lanes.compactMapValues { lane in
            let rest = lane.filter { held[$0] != nil }
            return rest.isEmpty ? nil : rest
        }
    }

    /// The confirmed of up to now are deleted.
    mutating func deleted(_ rows: [OutboxRow]) {
        for row in rows { held[row.id] = nil }
        let gone = Set(rows.map(\.id))
        confirmed.removeAll { gone.contains($0.id) }
    }

    /// The changes of up to now are in the table.
    mutating func putOffAndParked() {
        putOffs = []
        parkings = []
    }

    private mutating func leaveLane(_ row: OutboxRow) {
        guard !row.orderingKey.isEmpty, var lane = lanes[row.orderingKey] else { return }
        if lane.first == row.id { lane.removeFirst() }
        lanes[row.orderingKey] = lane.isEmpty ? nil : lane
        if lane.count <= limits.heldOfKey / 2, cutOff.remove(row.orderingKey) != nil { hasRoomForDeclined = true }
        if let next = lane.first { ready.append(next) }
    }

    /// It and those behind it stay in the table.
    private mutating func drop(_ row: OutboxRow) {
        held[row.id] = nil
        guard !row.orderingKey.isEmpty else { return }
        cutOff.remove(row.orderingKey)
        for id in lanes.removeValue(forKey: row.orderingKey) ?? [] { held[id] = nil }
    }

    static func pause(afterAttempt attempt: Int) -> Duration {
        min(firstPause * (1 << min(max(attempt - 1, 0), 16)), longestPause)
    }
}
