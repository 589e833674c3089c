extension TerminalStyle.Colour {
    /// - Parameter state: of a topology, a service or an instance.
    package init?(state: String) {
        switch state {
        case "ready", "completed", "scheduled": self = .green
        case "failed", "degraded", "unready", "backoff": self = .red
        case "stopped": self = .dim
        default: self = .yellow
        }
    }
}
