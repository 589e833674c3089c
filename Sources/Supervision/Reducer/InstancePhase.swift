/// Where an instance is in its life.
package enum InstancePhase: Sendable, Equatable {
    /// It starts once what it depends on is there. → spawning, stopped
    case waiting(for: [String])
    /// The keeper has been asked to start it, and has not answered yet; what has been heard of it meanwhile is kept. → up, waiting, backoff, failed
    case spawning(Early)
    /// Its process runs. → draining, stopping, spawning, waiting, backoff, stopped, failed, completed
    case up(RunningProcess, ProcessHealth)
    /// The gateway has been told to send it nothing more. → stopping, and wherever `up` goes when the process ends
    case draining(RunningProcess, until: Duration)
    /// It has been asked to end; at the deadline everything of it is killed, and again each time the deadline passes. → stopped, and wherever
    /// `up` goes when the process ends
    case stopping(RunningProcess, deadline: Duration, isKilled: Bool)
    /// It ended, and is started again at that time. → spawning, waiting, stopped
    case backoff(until: Duration)
    /// No process, and none wanted. → waiting, spawning
    case stopped
    /// It has given up, and waits for `start` or `restart`. → waiting, spawning
    case failed(String)
    /// It has done its work. → waiting, spawning
    case completed

    package struct Early: Sendable, Equatable {
        package var exit: Termination?
        package var isReadyNotified = false
    }

    package var process: RunningProcess? {
        switch self {
        case .up(let process, _), .draining(let process, _), .stopping(let process, _, _): process
        case .waiting, .spawning, .backoff, .stopped, .failed, .completed: nil
        }
    }

    /// A process runs, or is about to.
    package var isLive: Bool {
        switch self {
        case .spawning, .up, .draining, .stopping: true
        case .waiting, .backoff, .stopped, .failed, .completed: false
        }
    }

    package var isReady: Bool {
        if case .up(_, let health) = self { health.isReady } else { false }
    }

    /// Nothing happens to it unless something else happens first.
    package var isAtRest: Bool {
        switch self {
        case .stopped, .failed, .completed: true
        case .up(_, let health): health.isReady
        case .waiting, .spawning, .draining, .stopping, .backoff: false
        }
    }

    package var deadline: Duration? {
        switch self {
        case .draining(_, let until): until
        case .stopping(_, let deadline, _): deadline
        case .backoff(let until): until
        case .waiting, .spawning, .up, .stopped, .failed, .completed: nil
        }
    }

    package var label: String {
        switch self {
        case .waiting: "waiting"
        case .spawning: "starting"
        case .up(_, let health): health.isReady ? "ready" : health.hasBeenReady ? "unready" : "starting"
        case .draining: "draining"
        case .stopping(_, _, let isKilled): isKilled ? "killing" : "stopping"
        case .backoff: "backoff"
        case .stopped: "stopped"
        case .failed: "failed"
        case .completed: "completed"
        }
    }
}
