import Supervision

/// A process as the simulated keeper has it.
struct SimulatedProcess {
    let pid: Int
    let fingerprint: String
    let foundation: String
    /// Seconds since 1970.
    let startedAt: Double
    let port: Int
    var behaviour: Behaviour
    /// Signals make no impression on it.
    var ignoresSignals = false
    /// So often a SIGKILL does not reach it at once.
    var survivesKills = 0
    /// It does not answer any more.
    var hangs = false
    var isReadyNotified = false
    /// It is to end, and how.
    var end: Termination?
    /// The supervisor in charge has been told so.
    var isToldReady = false
    var killedAt: Duration?
    var signalledAt: Duration?
    var isMainGone = false
}
