import Glibc

/// What the keeper does about its supervisor and about its own end. Pure: what happened goes in, what to do comes out.
struct KeeperLife {
    /// Between the death of a supervisor and its next start; none before the first one after a healthy life. Also the longest delay after
    /// one that was killed with SIGKILL before it had come to work; one that was killed at work is followed at once.
    static let restartDelay: Duration = .milliseconds(100)
    static let maximumRestartDelay: Duration = .seconds(2)
    /// A supervisor that lived as long as this starts the delays anew.
    static let healthyLife: Duration = .seconds(10)
    /// In which the successor of a supervisor that was replaced has to list, and which it has to survive.
    static let trialTime: Duration = .seconds(10)

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

    enum Replacement: Equatable {
        /// → leaving
        case none
        /// The one in place has been told to exit; however it does, its successor is started. → onTrial
        case leaving
        /// The successor has been started. If it ends now, the one before it comes back, unless everything was taken down in order. → none
        case onTrial(hasListed: Bool)
    }

    enum Action: Equatable {
        case tellSupervisorToStop
        case restartSupervisor(after: Duration)
        /// The successor, at once; `trialEnded` is to follow after `trialTime`.
        case startSuccessor
        /// The executable of the one before it, at once.
        case startPredecessor
        case killSupervisor
        case killEverything
    }

    private(set) var state = State.serving
    private(set) var replacement = Replacement.none
    private var nextDelay = Duration.zero
    /// The supervisor of now has asked for the list: it has come to work.
    private var hasListed = false
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

    /// - Returns: whether it is done; not while the keeper stops or another replacement is under way.
    mutating func replacementWasRequested() -> Bool {
        guard state == .serving, replacement == .none else { return false }
        replacement = .leaving
        return true
    }

    mutating func supervisorListed() {
        hasListed = true
        if case .onTrial = replacement { replacement = .onTrial(hasListed: true) }
    }

    /// `trialTime` after the start of a successor that still runs.
    mutating func trialEnded() -> Action? {
        guard case .onTrial(let hasListed) = replacement else { return nil }
        guard !hasListed else {
            replacement = .none
            return nil
        }
        // Its end brings the one before it back.
        return .killSupervisor
    }

    /// - Parameter holdsProcesses: something besides the supervisor runs still. Then a mistake in the configuration is no reason to end it: the
    ///   supervisor is started again until somebody has corrected what it could not work with.
    mutating func supervisorExited(_ status: ExitStatus, after life: Duration, holdsProcesses: Bool = false) -> Action? {
        let hadListed = hasListed
        hasListed = false
        if case .ending = state { return nil }
        switch replacement {
        case .leaving:
            replacement = .onTrial(hasListed: false)
            return .startSuccessor
        case .onTrial(let hasListed) where status != .exited(0) || !(hasListed || state == .stopping):
            replacement = .none
            nextDelay = Self.restartDelay
            return .startPredecessor
        default: break
        }
        switch status {
        case .exited(0):
            state = .ending(status: 0)
            return .killEverything
        case .exited(KeeperMain.configurationErrorStatus) where !holdsProcesses:
            state = .ending(status: KeeperMain.configurationErrorStatus)
            return .killEverything
        case .signalled(SIGKILL, _):
            // Somebody else's doing.
            if hadListed || life >= Self.healthyLife { nextDelay = .zero }
            return restart(notAbove: hadListed ? .zero : Self.restartDelay)
        default:
            if life >= Self.healthyLife { nextDelay = .zero }
            return restart(notAbove: Self.maximumRestartDelay)
        }
    }

    private mutating func restart(notAbove limit: Duration) -> Action {
        let delay = min(nextDelay, limit)
        nextDelay = min(max(delay * 2, Self.restartDelay), Self.maximumRestartDelay)
        return .restartSupervisor(after: delay)
    }

    /// It could not even be executed: at the keeper's start a mistake to be told; later, while it is being replaced, something to try
    /// again.
    mutating func supervisorFailedToStart(isFirst: Bool) -> Action? {
        guard isFirst else {
            // Its file may be half installed: nothing comes of trying at once.
            nextDelay = max(nextDelay, Self.restartDelay)
            return supervisorExited(.exited(127), after: .zero)
        }
        if case .ending = state { return nil }
        state = .ending(status: 1)
        return .killEverything
    }
}
