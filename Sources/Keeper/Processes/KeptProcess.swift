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
    var isOutOfMemory = false
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

    func release() {
        pidfd = nil
        containment = nil
        outputs = []
        lossAtEnd = writer?.loss ?? lossAtEnd
        writer = nil
        limitGroup = nil
        notify = nil
    }
}
