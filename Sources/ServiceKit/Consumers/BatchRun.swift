import Postgres
import Tracing

/// One transaction's messages, and what becomes of each.
struct BatchRun: Sendable {
    enum Outcome: Sendable {
        /// Not come to: it is as before.
        case untouched
        case handled
        /// It was done with before, or waits in the table already.
        case duplicate
        /// It is in the table.
        case waits(until: Timestamp, cause: String?)
        /// It stays in this process, as it is here.
        case aside(MessageInHand, until: Timestamp)
        /// At once, as it is here.
        case again(MessageInHand)
        /// It is in the outbox, on its way to the dead letters.
        case dead(cause: String)
        /// Its queue has no dead letters.
        case dropped(cause: String)

        /// There is nothing more to do for it.
        var isEnd: Bool {
            switch self {
            case .handled, .duplicate, .dead, .dropped: true
            case .untouched, .waits, .aside, .again: false
            }
        }

        var isUntouched: Bool {
            switch self {
            case .untouched, .again: true
            default: false
            }
        }
    }

    struct Entry: Sendable {
        let message: MessageInHand
        var outcome = Outcome.untouched
        /// It has a row in the inbox, made in this transaction.
        var isEntered = false

        init(message: MessageInHand) {
            self.message = message
        }

        var isDecided: Bool {
            if case .untouched = outcome { false } else { true }
        }

        mutating func forgetEntering() {
            isEntered = false
            outcome = .untouched
        }
    }

    /// Why others of a key are not come to.
    enum Stop: Sendable {
        case inTable
        case elsewhere
    }

    /// Rows of the table, and as how often begun this worker noted them.
    struct Begun: Sendable {
        var position: Int64
        var key: String
        var starts: Int
    }

    /// For a message behind another: whoever has that one looks for those behind it; this is for the case that it has just ended.
    static let behindPause: Duration = .milliseconds(200)

    var entries: [Entry]
    let begun: [Begun]
    let isSuspect: Bool
    let now: Timestamp
    /// Why what is begun cannot be handled.
    private let flaw: String?
    /// Of the table: to be handled alone afterwards.
    private(set) var suspects: [MessageInHand] = []
    var stoppedKeys: [String: Stop] = [:]
    /// Of the messages' spans that are recorded.
    var recorded: [ServiceContext] = []
    var isLockPatienceSet = false
    /// The connection's at the last savepoint.
    var sealed: PostgresConnection.Mark?
    /// Of each handler, without its waits for locks.
    private(set) var costs: [(type: String, duration: Duration)] = []
    private(set) var cost: Duration = .zero
    private(set) var waited: Duration = .zero
    let publications = PublicationCount()

    init(_ messages: [MessageInHand], now: Timestamp) {
        entries = messages.map { Entry(message: $0) }
        begun = []
        isSuspect = messages.contains(where: \.isSuspect)
        self.now = now
        flaw = nil
    }

    /// - Parameter isSuspect: they are to be handled though they are suspects; else those are left out.
    init(begun: [Begun], isSuspect: Bool, flaw: String? = nil, now: Timestamp) {
        self.flaw = flaw
        entries = []
        self.begun = begun
        self.isSuspect = isSuspect
        self.now = now
    }

    /// - Parameters:
    ///   - total: a handler's time.
    ///   - waiting: how much of it was for locks, as far as that can be told.
    mutating func took(_ total: Duration, waiting: Duration, type: String) {
        let cost = max(.zero, total - waiting)
        costs.append((type, cost))
        self.cost += cost
        waited += waiting
    }

    var isSolitary: Bool { isSuspect || entries.contains(where: \.message.isSolitary) }

    /// What of `begun` could be locked. Of a key whose first row is missing, somebody else has the others.
    mutating func take(_ messages: [MessageInHand]) {
        let heads = Dictionary(begun.filter { !$0.key.isEmpty }.map { ($0.key, $0.position) }, uniquingKeysWith: min)
        let locked = Set(messages.compactMap(\.position))
        var left: Set<String> = []
        for message in messages {
            if !message.key.isEmpty, let head = heads[message.key], !locked.contains(head) { continue }
            if !message.key.isEmpty, left.contains(message.key) { continue }
            if message.isSuspect, !isSuspect {
                suspects.append(message)
                left.insert(message.key)
                continue
            }
            var message = message
            message.flaw = message.flaw ?? flaw
            entries.append(Entry(message: message))
        }
    }

    /// What goes back to the desk.
    var returned: [MessageInHand] {
        entries.compactMap { entry in
            guard entry.message.position == nil else { return nil }
            switch entry.outcome {
            case .untouched: return entry.message
            case .again(let message): return message
            default: return nil
            }
        }
    }

    var asides: [(MessageInHand, Timestamp)] {
        entries.compactMap { entry in
            if case .aside(let message, let due) = entry.outcome { (message, due) } else { nil }
        }
    }

    /// When the earliest of those that were put into the table is due.
    var nextDue: Timestamp? {
        entries.compactMap { entry in
            if case .waits(let due, _) = entry.outcome { due } else { nil }
        }.min()
    }
}
