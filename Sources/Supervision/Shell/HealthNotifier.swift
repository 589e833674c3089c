import Systemd

/// Tells systemd how the whole is doing, from the loop that does the work: a supervisor that hangs feeds no watchdog.
struct HealthNotifier {
    /// Well below any watchdog one would set.
    static let interval = Duration.seconds(1)

    private let notifier: SystemdNotifier?
    private var hasSaidReady = false
    private var hasSaidStopping = false
    private var lastStatus: String?

    init(socket: String?) { notifier = SystemdNotifier(socket: socket) }

    mutating func notify(_ reducer: SupervisionState) {
        guard let notifier else { return }
        let state = reducer.overallState
        let reason = state == .ready ? nil : reducer.overallReason
        let status = reason.map { "\(state.rawValue): \($0)" } ?? state.rawValue
        if status != lastStatus {
            notifier.status(status)
            lastStatus = status
        }
        if state == .ready && !hasSaidReady {
            notifier.ready()
            hasSaidReady = true
        }
        if state == .stopping && !hasSaidStopping {
            notifier.stopping()
            hasSaidStopping = true
        }
        notifier.watchdog()
    }
}
