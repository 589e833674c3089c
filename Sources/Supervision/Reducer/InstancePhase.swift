/// Where a process of an instance is in its life.
package enum InstancePhase: Sendable, Equatable {
    /// It starts once what it depends on is there. → spawning, backoff, stopped
    case waiting(for: [String])
    /// The keeper has been asked to start it, and has not answered yet; what has been heard of it meanwhile is kept. → up, waiting, backoff, failed, stopped
    case spawning(Early)
    /// Its process runs. → clearing, draining, stopping, and wherever `clearing` goes
    case up(RunningProcess, ProcessHealth)
    /// Its main process has ended by itself, and the keeper clears up what is left of it; at that time it is told to again.
    /// → spawning, waiting, backoff, stopped, failed, completed, scheduled
    case clearing(RunningProcess, until: Duration)
    /// The gateway has been told to send it nothing more. → stopping, and wherever `stopping` goes
    case draining(RunningProcess, until: Duration)
    /// It has been asked to end; at the deadline everything of it is killed, and again each time the deadline passes. → stopped, and wherever
    /// `clearing` goes
    case stopping(RunningProcess, deadline: Duration, isKilled: Bool)
    /// It ended, and is started again at that time. → spawning, waiting, stopped
    case backoff(until: Duration)
    /// No process, and none wanted. → waiting, spawning, scheduled
    case stopped
    /// It has given up, and waits for `start`, `restart`, another declaration or the next run. → stopped, waiting, spawning
    case failed(String)
    /// It has done its work. → stopped, waiting, spawning
    case completed
    /// It waits for the time of its next run. → waiting, spawning, stopped
    case scheduled

    package struct Early: Sendable, Equatable {
        package var exit: Termination?
        package var isReadyNotified = false
    }

    package var process: RunningProcess? {
        switch self {
        case .up(let process, _), .clearing(let process, _), .draining(let process, _), .stopping(let process, _, _): process
        case .waiting, .spawning, .backoff, .stopped, .failed, .completed, .scheduled: nil
        }
    }

    /// A process runs, or is about to.
    package var isLive: Bool {
        switch self {
        case .spawning, .up, .clearing, .draining, .stopping: true
        case .waiting, .backoff, .stopped, .failed, .completed, .scheduled: false
        }
    }

    package var isReady: Bool {
        if case .up(_, let health) = self { health.isReady } else { false }
    }

    /// Nothing happens to it unless something else happens first.
    package var isAtRest: Bool {
        switch self {
        case .stopped, .failed, .completed, .scheduled: true
        case .up(_, let health): health.isReady
        case .waiting, .spawning, .clearing, .draining, .stopping, .backoff: false
        }
    }

    package var deadline: Duration? {
        switch self {
        case .up(_, let health): health.watchdogUntil
        case .clearing(_, let until), .draining(_, let until), .backoff(let until): until
        case .stopping(_, let deadline, _): deadline
        case .waiting, .spawning, .stopped, .failed, .completed, .scheduled: nil
        }
    }

    package var label: String {
        switch self {
        case .waiting: "waiting"
        case .spawning: "starting"
        case .up(_, let health): health.isReady ? "ready" : health.hasBeenReady ? "unready" : "starting"
        case .clearing: "ending"
        case .draining: "draining"
        case .stopping(_, _, let isKilled): isKilled ? "killing" : "stopping"
        case .backoff: "backoff"
        case .stopped: "stopped"
        case .failed: "failed"
        case .completed: "completed"
        case .scheduled: "scheduled"
        }
    }
}
