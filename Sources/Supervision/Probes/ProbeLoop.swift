internal import CLinux
import Glibc
internal import Synchronization
import Topology

/// Asks the questions of all probes from one thread that never waits for an answer: a slow or dead peer holds up nobody else.
///
/// Each question has a connection of its own, as kubelet's have, but for readiness over HTTP, which is asked most: see `Prober.Keeping`.
/// Commands run on threads of their own.
///
/// `@unchecked Sendable`: `inbox` is behind a mutex, the descriptors are never changed; everything else is touched on the thread alone.
final class ProbeLoop: @unchecked Sendable {
    /// Who is asked, and what for.
    struct Subject: Sendable, Equatable {
        var instance: InstanceID
        var generation: Int
        var purpose: SupervisedProbe.Purpose
    }

    struct Told: Sendable, Equatable {
        var subject: Subject
        var answer: ProbeAnswer
    }

    /// Answers that nobody has fetched yet; of more the oldest are dropped, and the probes ask again.
    static let answerBuffer = 10_000
    /// Commands whose threads have not come back.
    static let maximumRuns = 1000
    private static let eventsPerTurn = 256
    /// Microseconds. Those who are asked in one turn mostly answer within it: one turn more for all of them, not one for each.
    private static let gathering: UInt32 = 1000
    private static let wakeToken = UInt64.max

    /// Those that tell something new. One reader.
    let answers: AsyncStream<Told>

    private struct Inbox {
        var messages: [Message] = []
        var isRunning = false
        var isStopped = false
        var lastProber: UInt32 = 0
    }

    private enum Message: Sendable {
        case begin(UInt32, Prober, after: Duration)
        case end([UInt32])
        case answered(UInt32, attempt: UInt32, ProbeAnswer?)
        case ran(UInt32, attempt: UInt32, ProbeAnswer?)
        case lookedUp(UInt32, attempt: UInt32, [SocketAddress])
        case stop
    }

    private let inbox = Mutex(Inbox())
    private let told: AsyncStream<Told>.Continuation
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    private let origin = ContinuousClock.now

    private var probers: [UInt32: Prober] = [:]
    private var alarms = DeadlineQueue<(prober: UInt32, alarm: UInt64)>()
    private var random = SystemRandomNumberGenerator()
    private var lastSerial: UInt32 = 0
    private var runsOut = 0

    init() {
        (answers, told) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.answerBuffer))
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    // MARK: From any thread

    /// - Parameter hasSucceeded: the answer is known to have been yes before.
    /// - Returns: its number, for `end`.
    func begin(_ probe: SupervisedProbe, of subject: Subject, target: ProbeTarget, hasSucceeded: Bool) -> UInt32 {
        let rhythm = ProbeRhythm(
            period: probe.period, jitter: probe.jitter, successThreshold: probe.successThreshold,
            isQuick: subject.purpose != .liveness && !hasSucceeded)
        let prober = Prober(subject, check: ProbeCheck(probe.check, of: target), timeout: probe.timeout, target: target, rhythm: rhythm)
        if case .declared(.http(let path)) = probe.check, subject.purpose == .readiness { prober.keepConnections(path: path) }
        var generator = SystemRandomNumberGenerator()
        let delay = rhythm.first(after: probe.initialDelay, random: &generator)
        let (number, isFirst) = inbox.withLock { inbox in
            inbox.lastProber &+= 1
            defer { inbox.isRunning = true }
            return (inbox.lastProber, !inbox.isRunning && !inbox.isStopped)
        }
        send(.begin(number, prober, after: delay))
        // The thread holds on to the loop until `stop`.
        if isFirst, !BlockingThread.start({ self.run() }) { inbox.withLock { $0.isRunning = false } }
        return number
    }

    func end(_ numbers: [UInt32]) { send(.end(numbers)) }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        send(.stop)
        told.finish()
    }

    private func send(_ message: Message) {
        let isFirst = inbox.withLock { inbox in
            inbox.messages.append(message)
            return inbox.messages.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    // MARK: On the thread

    private var now: Duration { origin.duration(to: .now) }

    private func run() {
        _ = clinux_epoll_add(epoll, wakeUp, UInt32(EPOLLIN.rawValue), Self.wakeToken)
        var events = [clinux_event](repeating: clinux_event(), count: Self.eventsPerTurn)
        var hasAsked = false
        while true {
            if hasAsked { usleep(Self.gathering) }
            hasAsked = false
            let messages = inbox.withLock { inbox in
                defer { inbox.messages.removeAll(keepingCapacity: true) }
                return inbox.messages
            }
            for message in messages where !take(message) { return }
            let count = clinux_epoll_wait(epoll, &events, Int32(events.count), patience)
            for event in events.prefix(max(0, Int(count))) {
                if event.token == Self.wakeToken {
                    var value: UInt64 = 0
                    _ = read(wakeUp, &value, 8)
                } else {
                    becameReady(event.token)
                }
            }
            // After the answers, so that one which is there already is not taken for late because we were.
            while let due = alarms.popDue(at: now) { hasAsked = ring(due.prober, due.alarm) || hasAsked }
        }
    }

    /// Milliseconds, rounded up.
    private var patience: Int32 {
        guard let next = alarms.next else { return -1 }
        let rest = next - now
        guard rest > .zero else { return 0 }
        return Int32(clamping: rest.components.seconds * 1000 + rest.components.attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// False: it was told to stop.
    private func take(_ message: Message) -> Bool {
        switch message {
        case .begin(let number, let prober, let delay):
            probers[number] = prober
            setAlarm(number, prober, at: now + delay)
        case .end(let numbers):
            for number in numbers { probers.removeValue(forKey: number)?.end() }
        case .answered(let number, let attempt, let answer):
            if let prober = probers[number], prober.attempt == attempt { answered(number, prober, answer) }
        case .ran(let number, let attempt, let answer):
            runsOut -= 1
            probers[number]?.isRunOut = false
            return take(.answered(number, attempt: attempt, answer))
        case .lookedUp(let number, let attempt, let addresses):
            guard let prober = probers[number] else { break }
            prober.isLookingUp = false
            guard prober.attempt == attempt, case .named(let host, _, let question) = prober.check else { break }
            guard let address = addresses.first else {
                return take(.answered(number, attempt: attempt, .failure("\(host) has no address")))
            }
            connect(number, prober, to: address, question)
        case .stop:
            for prober in probers.values { prober.end() }
            probers = [:]
            return false
        }
        return true
    }

    private func setAlarm(_ number: UInt32, _ prober: Prober, at deadline: Duration) {
        prober.alarm += 1
        alarms.insert((number, prober.alarm), at: deadline)
    }

    /// - Returns: whether a question was put.
    private func ring(_ number: UInt32, _ alarm: UInt64) -> Bool {
        guard let prober = probers[number], prober.alarm == alarm else { return false }
        guard case .resting = prober.phase else {
            answered(number, prober, .failure("no answer within \(prober.timeout)"))
            return false
        }
        ask(number, prober)
        return true
    }

    private func ask(_ number: UInt32, _ prober: Prober) {
        prober.attempt &+= 1
        prober.askedAt = now
        setAlarm(number, prober, at: prober.askedAt + prober.timeout)
        let attempt = prober.attempt
        switch prober.check {
        case .socket(let address, let question):
            if !askAgain(number, prober) { connect(number, prober, to: address, question) }
        case .named(let host, let port, _):
            prober.phase = .away
            guard !prober.isLookingUp else { return }
            prober.isLookingUp = BlockingThread.start { [self] in
                send(.lookedUp(number, attempt: attempt, SocketAddress.resolve(host: host, port: port)))
            }
        case .command(let command):
            prober.phase = .away
            // The one before was killed, and hangs in the kernel: another would do no better.
            guard !prober.isRunOut else { return }
            let run = CommandRun(command, as: prober.target)
            let isStarted =
                runsOut < Self.maximumRuns && run.start(timeout: prober.timeout) { [self] in send(.ran(number, attempt: attempt, $0)) }
            guard isStarted else { return answered(number, prober, nil) }
            runsOut += 1
            prober.isRunOut = true
            prober.phase = .running(run)
        case .roundTrip:
            prober.phase = .away
            let (timeout, server) = (prober.timeout, prober.target.server)
            // Ends within its time limit; nobody but this loop waits for it.
            Task { send(.answered(number, attempt: attempt, await TimeLimit.run(timeout, server))) }
        case .impossible(let reason): answered(number, prober, .failure(reason))
        }
    }

    private func connect(_ number: UInt32, _ prober: Prober, to address: SocketAddress, _ question: ProbeQuestion) {
        let question = prober.questionToKeep ?? question
        var (connection, outcome) = ProbeConnection.open(to: address, question)
        lastSerial &+= 1
        connection?.serial = lastSerial
        guard let connection else { return answered(number, prober, outcome.answer) }
        prober.phase = .connecting(connection)
        var interest = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        if !connection.hasSpoken { interest |= EPOLLOUT.rawValue }
        let token = UInt64(connection.serial) << 32 | UInt64(number)
        if clinux_epoll_add(epoll, connection.descriptor, interest, token) != 0 { answered(number, prober, nil) }
    }

    /// False: there is no connection for it.
    private func askAgain(_ number: UInt32, _ prober: Prober) -> Bool {
        guard case .proven(let left) = prober.keeping, left > 0, var connection = prober.kept else { return false }
        prober.kept = nil
        guard connection.askAgain() == .pending, connection.hasSpoken else {
            connection.close()
            return false
        }
        prober.keeping = .proven(left: left - 1)
        prober.phase = .connecting(connection)
        return true
    }

    private func becameReady(_ token: UInt64) {
        let number = UInt32(truncatingIfNeeded: token)
        guard let prober = probers[number], case .connecting(var connection) = prober.phase,
            connection.serial == UInt32(truncatingIfNeeded: token >> 32)
        else { return }
        let outcome = connection.proceed()
        prober.phase = .connecting(connection)
        guard outcome != .pending else { return }
        if connection.isKept, connection.isUnanswered, case .socket(let address, let question) = prober.check {
            // The peer has closed it, as it may when it has been idle.
            connection.close()
            prober.phase = .resting
            return connect(number, prober, to: address, question)
        }
        answered(number, prober, outcome.answer)
    }

    /// Keeps the connection that has just said yes, if it may be; and sees first that the peer serves another one beside it.
    ///
    /// - Returns: whether the prober is busy with that.
    private func keep(_ number: UInt32, _ prober: Prober) -> Bool {
        guard case .connecting(let connection) = prober.phase, case .socket(let address, let question) = prober.check else { return false }
        switch prober.keeping {
        case .never, .proving: return false
        case .untried:
            guard connection.canBeKept else {
                prober.keeping = .never
                return false
            }
            prober.keeping = .proving
            prober.kept = connection
            prober.phase = .resting
            setAlarm(number, prober, at: now + prober.timeout)
            connect(number, prober, to: address, question)
            return true
        case .proven:
            guard connection.canBeKept else {
                prober.keeping = .never
                return false
            }
            prober.kept?.close()
            prober.kept = connection
            prober.phase = .resting
            if !connection.isKept { prober.keeping = .proven(left: Prober.questionsAConnection - 1) }
            return false
        }
    }

    private func proved(_ number: UInt32, _ prober: Prober, _ answer: ProbeAnswer?) {
        prober.abandon()
        if answer == .success {
            prober.keeping = .proven(left: Prober.questionsAConnection - 1)
        } else {
            prober.keeping = .never
            prober.kept?.close()
            prober.kept = nil
        }
        setAlarm(number, prober, at: prober.rhythm.next(asked: prober.askedAt, now: now, random: &random))
    }

    /// - Parameter answer: nil: the question could not be put, and it was not the peer's fault.
    private func answered(_ number: UInt32, _ prober: Prober, _ answer: ProbeAnswer?) {
        if case .proving = prober.keeping { return proved(number, prober, answer) }
        let time = now
        if let answer, prober.rhythm.isWorthTelling(answer, at: time) { told.yield(Told(subject: prober.subject, answer: answer)) }
        if answer == .success {
            if keep(number, prober) { return }
        } else {
            prober.letGo()
        }
        prober.abandon()
        setAlarm(number, prober, at: prober.rhythm.next(asked: prober.askedAt, now: time, random: &random))
    }
}

extension ProbeConnection.Outcome {
    fileprivate var answer: ProbeAnswer? { if case .answered(let answer) = self { answer } else { nil } }
}
