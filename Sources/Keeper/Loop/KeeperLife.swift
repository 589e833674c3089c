/// What the keeper does about its supervisor and about its own end. Pure: what happened goes in, what to do comes out.
struct KeeperLife {
    /// Between the death of a supervisor and its next start.
    static let restartDelay: Duration = .milliseconds(100)
    static let maximumRestartDelay: Duration = .seconds(2)
    /// A supervisor that lived as long as this starts the delays anew.
    static let healthyLife: Duration = .seconds(10)

    /// One press of Ctrl-C can reach the keeper twice, from the terminal and from a program before it. Later ones mean: now.
    static let sameRequest: Duration = .milliseconds(500)

    enum State: Equatable {
        /// The supervisor is to run. → stopping, ending
        case serving
        /// It was told to take everything down; the time for it runs. → ending
        case stopping
        /// Everything is being killed; the keeper ends with this status when nothing is left. No way back.
        case ending(status: Int32)
    }

    enum Action: Equatable {
        case tellSupervisorToStop
        case restartSupervisor(after: Duration)
        case killEverything
    }

    private(set) var state = State.serving
    private var nextDelay = KeeperLife.restartDelay
    private var stopRequestedAt: ContinuousClock.Instant?

    mutating func stopWasRequested(at now: ContinuousClock.Instant) -> Action? {
        switch state {
        case .serving:
            state = .stopping
            stopRequestedAt = now
            return .tellSupervisorToStop
        case .stopping:
            if let stopRequestedAt, stopRequestedAt.duration(to: now) < Self.sameRequest { return nil }
            state = .ending(status: 1)
            return .killEverything
        case .ending: return nil
        }
    }

    mutating func stopTimedOut() -> Action? {
        guard state == .stopping else { return nil }
        state = .ending(status: 1)
        return .killEverything
    }

    mutating func supervisorExited(_ status: ExitStatus, after life: Duration) -> Action? {
        if case .ending = state { return nil }
        switch status {
        case .exited(0):
            state = .ending(status: 0)
            return .killEverything
        case .exited(KeeperMain.configurationErrorStatus):
            state = .ending(status: KeeperMain.configurationErrorStatus)
            return .killEverything
        default:
            if life >= Self.healthyLife { nextDelay = Self.restartDelay }
            let delay = nextDelay
            nextDelay = min(nextDelay * 2, Self.maximumRestartDelay)
            return .restartSupervisor(after: delay)
        }
    }

    /// It could not even be executed: at the keeper's start a mistake to be told; later, while it is being replaced, something to try
    /// again.
    mutating func supervisorFailedToStart(isFirst: Bool) -> Action? {
        guard isFirst else { return supervisorExited(.exited(127), after: .zero) }
        if case .ending = state { return nil }
        state = .ending(status: 1)
        return .killEverything
    }
}
