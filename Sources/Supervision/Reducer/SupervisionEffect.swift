package import Topology

/// What is to be done. The shell does it in this order, and tells what came of it as events.
package enum SupervisionEffect: Sendable, Equatable {
    /// Starts the declaration with that fingerprint: the service's `definition`, or its `previous` one. One that is not known any more is
    /// answered by a permanent `spawnFailed`.
    case spawn(InstanceID, fingerprint: String)
    /// To the main process.
    case signal(InstanceID, Int32)
    /// SIGKILL to everything of it.
    case killAll(InstanceID)
    /// The keeper need not remember its end any longer.
    case forget(InstanceID)
    /// In addition to those that are asked already. The process' declaration is the one with its fingerprint.
    case startProbes(InstanceID, RunningProcess, [ProbeAssignment])
    /// All of it.
    case stopProbes(InstanceID)
    case provision(String, generation: Int)
    /// By service. While an instance is being replaced it is in there twice: the new process ready, the old one draining.
    case publishGatewayConfiguration([String: [GatewayConfiguration.Upstream]])
    case record(Transition)
    /// This has changed, and is to be kept. Comes after everything else of its event, and often when instances restart in numbers.
    case remember(Remembered)
    /// Nothing runs any more after a shutdown.
    case finish
}
