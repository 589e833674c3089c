import Systemd

/// What the supervisor is told by sd_notify(3), where NOTIFY_SOCKET is set.
struct ServiceNotice: Sendable {
    private let notifier: SystemdNotifier?

    init(_ environment: ServiceEnvironment) {
        notifier = SystemdNotifier(socket: environment.values["NOTIFY_SOCKET"])
    }

    func ready() {
        notifier?.ready()
    }

    func stopping() {
        notifier?.stopping()
    }
}
