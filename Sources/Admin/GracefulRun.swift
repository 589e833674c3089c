import Hummingbird
import Logging
import ServiceLifecycle

/// Serves until the task is cancelled, and lets the server end by itself then: a cancelled accept loop drops connections that it has been
/// handed and not looked at, over which NIO traps.
enum GracefulRun {
    /// - Parameter stopLimit: for requests that run when the task is cancelled; then they are cancelled too.
    static func run(_ application: some ApplicationProtocol, stopLimit: Duration, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = stopLimit
        let group = ServiceGroup(configuration: configuration)
        // Not cancelled with this task: it ends by the handler below.
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
