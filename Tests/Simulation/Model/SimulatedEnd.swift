import Supervision

/// How a process ended, as the simulated keeper has it until it is told to forget it.
struct SimulatedEnd {
    let termination: Termination
    /// Of the declaration it was started with.
    let fingerprint: String
}
