import Admin
import Supervision

/// Waits until what was asked of services is done, and says on a terminal who holds it up.
struct SettleWait {
    private static let pollInterval = Duration.milliseconds(200)
    /// Beyond what the service itself is given.
    private static let margin = Duration.seconds(10)

    private let location: TopologyLocation
    private let client: AdminClient

    init(_ location: TopologyLocation, _ client: AdminClient) {
        self.location = location
        self.client = client
    }

    /// Writes a line for each once it is done.
    /// - Parameter begun: as they were when it had been asked for.
    /// - Throws: `CommandFailure` when one has failed, is not done in its time, or everything was stopped meanwhile.
    func run(_ begun: [ServiceStatus]) async throws {
        var failures: [String] = []
        for service in begun {
            let end = try await settled(service)
            Terminal.line(end.line)
            if end.isUnderWay == true { failures.append("\(end.name) is not done yet; it goes on. signalbox status shows it.") }
            if end.state == .failed { failures.append("\(end.name) has failed: signalbox why \(end.name) tells the story.") }
        }
        guard failures.isEmpty else { throw CommandFailure(failures.joined(separator: "\n")) }
    }

    private func settled(_ begun: ServiceStatus) async throws -> ServiceStatus {
        var latest = begun
        var progress = StopProgress()
        var area = LiveArea()
        defer { area.draw() }
        let deadline = ContinuousClock.now + .seconds(begun.settlesWithin ?? 0) + Self.margin
        while latest.isUnderWay == true, .now < deadline {
            if Terminal.isInteractive { area.draw(live: [words(latest, &progress)]) }
            try await Task.sleep(for: Self.pollInterval)
            guard let status = await client.statusIfAnswered() else {
                guard KeeperLock.isHeld(location.lockPath) else {
                    throw CommandFailure("Signalbox was stopped before \(begun.name) was done.")
                }
                continue
            }
            guard let now = status.services.first(where: { $0.name == begun.name }) else { return latest.gone }
            latest = now
        }
        return latest
    }

    private func words(_ service: ServiceStatus, _ progress: inout StopProgress) -> String {
        var leaving = service
        leaving.instances = service.instances.filter { ["ending", "draining", "stopping", "killing"].contains($0.state) }
        let status = TopologyStatus(name: "", state: .stopping, containment: "", services: [leaving])
        return progress.line(status, at: .now) ?? service.line
    }
}

extension ServiceStatus {
    /// Undeclared in the meantime, and at its end.
    fileprivate var gone: ServiceStatus {
        ServiceStatus(
            name: name, kind: kind, state: .stopped, reason: "it is not declared any more", desired: 0, ready: 0, isUnderWay: false)
    }
}
