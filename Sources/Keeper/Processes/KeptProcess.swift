internal import CLinux
import Glibc

/// One process from its start until it is forgotten, with everything the keeper holds for it.
final class KeptProcess {
    enum Phase {
        /// The main process runs. → clearing
        case running
        /// It has ended and is a zombie; what is left of its containment is being killed. → ended
        case clearing(ExitStatus)
        /// Nothing is left of it.
        case ended(ExitStatus)
    }

    let number: Int
    let specification: ProcessSpecification
    let pid: pid_t
    let startTime: UInt64
    let startedAt: Double
    let started = ContinuousClock.now
    var phase = Phase.running
    var isReadyNotified = false
    private(set) var isOutOfMemory = false
    /// Kills for want of memory that cannot be what ends it: those before its start, and before it was told to end.
    private var earlierMemoryKills = 0
    /// Its end is nobody's to be told of: it was given up before anybody heard of its start.
    var isAbandoned = false
    /// Sent by the process and not yet told to the supervisor.
    var unsentFields: [String: String] = [:]
    /// How often its containment has been found not to be empty.
    var clearingAttempts = 0

    // Given up when the process has ended.
    private(set) var pidfd: Descriptor?
    private(set) var containment: (any Containment)?
    private(set) var outputs: [OutputPipe]
    private(set) var limitGroup: LimitGroup?
    private var writer: LogWriter?
    private var lossAtEnd = LogLoss()
    private(set) var notify: NotifySocket?
    /// What it was handed: while it listens there, nobody else can, but whoever is handed the same.
    var listening: [ListeningSocket] = []

    init(
        number: Int, specification: ProcessSpecification, pid: pid_t, pidfd: Descriptor, containment: any Containment,
        outputs: [OutputPipe], writer: LogWriter, notify: NotifySocket?, limitGroup: LimitGroup?
    ) {
        self.number = number
        self.specification = specification
        self.pid = pid
        self.pidfd = pidfd
        self.containment = containment
        self.outputs = outputs
        self.writer = writer
        self.limitGroup = limitGroup
        self.notify = notify
        startTime = ProcessTable.entry(of: pid)?.startTime ?? 0
        startedAt = Timestamp.now
        earlierMemoryKills = memoryKills
    }

    var id: String { specification.id }

    var status: ExitStatus? {
        if case .ended(let status) = phase { status } else { nil }
    }

    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    var record: ProcessRecord {
        var shown = specification
        shown.environment = [:]
        let loss = writer?.loss ?? lossAtEnd
        return ProcessRecord(
            specification: shown, pid: pid, startTime: startTime, startedAt: startedAt, isReadyNotified: isReadyNotified, status: status,
            isOutOfMemory: isOutOfMemory, droppedLines: loss.lines, droppedBytes: loss.bytes)
    }

    /// Of its output, in one of its destinations.
    var lostLines: Int { (writer?.loss ?? lossAtEnd).lines }

    private var memoryKills: Int {
        (containment?.outOfMemoryKills ?? 0) + (limitGroup?.outOfMemoryKills ?? 0)
    }

    /// To be called when it is told to end: from now on that is why it does.
    func noteMemoryKills() {
        earlierMemoryKills = memoryKills
    }

    /// To be called at its end, while its containment is still there. The kernel's count never goes back, and an end in good order is no want
    /// of memory, whatever has become of a child before.
    func judgeMemory(_ status: ExitStatus) {
        isOutOfMemory = status != .exited(0) && memoryKills > earlierMemoryKills
    }

    func release() {
        pidfd = nil
        containment = nil
        outputs = []
        lossAtEnd = writer?.loss ?? lossAtEnd
        writer = nil
        limitGroup = nil
        notify = nil
        listening = []
    }
}
