/// One question that is asked of one process again and again.
///
/// `@unchecked Sendable`: made on one thread, it is handed to that of its `ProbeLoop`, and from then on touched there alone.
final class Prober: @unchecked Sendable {
    enum Phase {
        /// Until its time comes.
        case resting
        case connecting(ProbeConnection)
        case running(CommandRun)
        /// Somebody else will tell: a name server or a server's client.
        case away
    }

    /// Whether its questions share a connection. Only of readiness probes: liveness is asked as a newcomer asks.
    enum Keeping {
        /// Each question has a connection of its own.
        case never
        /// It would be tried. → proving, never
        case untried
        /// One connection has answered and is held open; whether the peer serves a second one meanwhile is being seen: one that serves a
        /// single connection at a time must not be held up by ours. → proven, never
        case proving
        /// So many more questions on the connection that is kept, before a new one is made.
        case proven(left: Int)
    }

    /// Questions on one connection; then it is seen again whether the peer takes new ones.
    static let questionsAConnection = 10

    let subject: ProbeLoop.Subject
    let check: ProbeCheck
    let timeout: Duration
    let target: ProbeTarget
    var rhythm: ProbeRhythm
    var phase = Phase.resting
    var askedAt = Duration.zero
    /// Counts its questions, so that what comes late is not taken for an answer to the next one.
    var attempt: UInt32 = 0
    /// Changes with each deadline set; older ones mean nothing.
    var alarm: UInt64 = 0
    var keeping = Keeping.never
    /// Open, and not in use.
    var kept: ProbeConnection?
    /// The thread that looks up its name has not come back yet.
    var isLookingUp = false
    /// Nor has that of its last command.
    var isRunOut = false

    init(_ subject: ProbeLoop.Subject, check: ProbeCheck, timeout: Duration, target: ProbeTarget, rhythm: ProbeRhythm) {
        self.subject = subject
        self.check = check
        self.timeout = timeout
        self.target = target
        self.rhythm = rhythm
    }

    private var keepingQuestion: ProbeQuestion?

    /// To be called before its first question.
    func keepConnections(path: String) {
        keeping = .untried
        keepingQuestion = .http(path: path, keepsConnection: true)
    }

    /// Nil: it asks on connections of their own.
    var questionToKeep: ProbeQuestion? { if case .never = keeping { nil } else { keepingQuestion } }

    /// Gives up what it holds.
    func end() {
        abandon()
        kept?.close()
        kept = nil
    }

    /// Of the connection that is kept: the peer may be in trouble by it.
    func letGo() {
        kept?.close()
        kept = nil
        if case .proven = keeping { keeping = .untried }
    }

    /// Nothing more comes of the question in hand.
    func abandon() {
        switch phase {
        case .connecting(let connection): connection.close()
        case .running(let run): run.cancel()
        case .resting, .away: break
        }
        phase = .resting
    }
}
