/// What has happened, as told to the reducer.
package enum SupervisionEvent: Sendable, Equatable {
    /// The supervisor has come up. Always the first event, and only once.
    case started([SupervisedService], Remembered, found: [FoundProcess])
    /// The file has changed, and a person wants what it says now.
    case topologyApplied([SupervisedService], actor: String)
    /// Each `spawn` is answered by one of these two, once.
    case spawned(InstanceID, SpawnedProcess)
    /// - Parameter isPermanent: it would fail again and again, such as a command that is not there.
    case spawnFailed(InstanceID, reason: String, isPermanent: Bool)
    case probeSucceeded(InstanceID, generation: Int, SupervisedProbe.Purpose)
    case probeFailed(InstanceID, generation: Int, SupervisedProbe.Purpose, answer: String)
    /// The process has said READY=1.
    case notifiedReady(InstanceID)
    /// The main process has ended; something of it may be left.
    case mainExited(InstanceID, Termination)
    /// Nothing of the process is left.
    case exited(InstanceID, Termination)
    case provisioned(String, generation: Int)
    case provisioningFailed(String, generation: Int, reason: String)
    case scaleRequested(String, instances: Int, actor: String)
    case startRequested(String, actor: String)
    case stopRequested(String, actor: String)
    case restartRequested(String, actor: String)
    /// Ready messages by queue.
    case queueDepthsMeasured([String: Int])
    /// A time that `nextDeadline` had named has come.
    case timerFired
    case shutdownRequested(reason: String)

    /// What is kept over restarts of the supervisor.
    package struct Remembered: Sendable, Equatable {
        /// By service: what a person asked for.
        package var scaledByHand: [String: Int]
        /// Services that a person has stopped.
        package var held: Set<String>

        package init(scaledByHand: [String: Int] = [:], held: Set<String> = []) {
            self.scaledByHand = scaledByHand
            self.held = held
        }
    }
}
