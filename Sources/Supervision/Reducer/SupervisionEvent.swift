/// What has happened, as told to the reducer.
package enum SupervisionEvent: Sendable, Equatable {
    /// The supervisor has come up: told once, after a first `clockRead`.
    ///
    /// - Parameter previous: by service: the declaration before, where it has been kept because an update was under way or was rolled back.
    case started([SupervisedService], previous: [String: SupervisedService], Remembered, found: [FoundProcess])
    /// The file has changed, and a person wants what it says now.
    case topologyApplied([SupervisedService], actor: String)
    /// The time of day: at the start, and each second.
    case clockRead(secondsSince1970: Double)
    /// Each `spawn` is answered by one of these two, once.
    case spawned(InstanceID, SpawnedProcess)
    /// - Parameter isPermanent: it would fail again and again, such as a command that is not there.
    case spawnFailed(InstanceID, reason: String, isPermanent: Bool)
    case probeSucceeded(InstanceID, generation: Int, SupervisedProbe.Purpose)
    case probeFailed(InstanceID, generation: Int, SupervisedProbe.Purpose, answer: String)
    /// The process has said READY=1.
    case notifiedReady(InstanceID)
    /// The process has said STATUS=…
    case statusTold(InstanceID, String)
    /// The process has said WATCHDOG=1.
    case watchdogPinged(InstanceID)
    /// The process has said WATCHDOG=trigger.
    case watchdogTriggered(InstanceID)
    /// The main process has ended; something of it may be left.
    case mainExited(InstanceID, Termination)
    /// Nothing of the process is left.
    case exited(InstanceID, Termination)
    case provisioned(String, generation: Int)
    case provisioningFailed(String, generation: Int, reason: String)
    case scaleRequested(String, instances: Int, actor: String)
    /// Of a one-shot or a scheduled service: as `runRequested`.
    case startRequested(String, actor: String)
    case stopRequested(String, actor: String)
    case restartRequested(String, actor: String)
    /// A one-shot or a scheduled service is to do its work now; one that is at it already goes on.
    case runRequested(String, actor: String)
    case measured(ScaleMeasures)
    /// A time that `nextDeadline` had named has come.
    case timerFired
    /// Everything is to end, in reverse order.
    ///
    /// - Parameter within: after so long whatever is left is killed; nil: each service's grace alone bounds it. Told again it can only
    ///   shorten that.
    case shutdownRequested(reason: String, within: Duration?)
}
