import Supervision

/// Something that happens in the simulated world by itself.
enum Occurrence {
    /// The keeper comes to a request to start something.
    case spawn(InstanceID, fingerprint: String, request: Int)
    case mainExit(InstanceID, pid: Int)
    case exit(InstanceID, pid: Int)
    case probe(InstanceID, SupervisedProbe.Purpose, asking: Int)
    case sayReady(InstanceID, pid: Int)
    case sayAlive(InstanceID, pid: Int)
    case provision(String, generation: Int, supervisor: Int)
    case serverComesBack(String)
    case supervisorComesUp
    case clock(supervisor: Int)
    case chaos
    /// What was stopped then has to be gone by now.
    case mustBeGone(String, stop: Int)
}
