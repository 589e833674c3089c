package import Topology

/// What is to be done. The shell does it in this order, and tells what came of it as events.
package enum SupervisionEffect: Sendable, Equatable {
    case spawn(InstanceID)
    /// To the main process.
    case signal(InstanceID, Int32)
    /// SIGKILL to everything of it.
    case killAll(InstanceID)
    /// The keeper need not remember its end any longer.
    case forget(InstanceID)
    case startProbes(InstanceID, RunningProcess, [SupervisedProbe.Purpose])
    case stopProbes(InstanceID)
    case provision(String, generation: Int)
    /// By service.
    case publishGatewayConfiguration([String: [GatewayConfiguration.Upstream]])
    case record(Transition)
    /// What a person asked for has changed, and is to be kept.
    case remember(SupervisionEvent.Remembered)
    /// Nothing runs any more after a shutdown.
    case finish
}
