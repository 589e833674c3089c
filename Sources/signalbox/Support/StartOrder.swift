import Synchronization

/// What the supervisor and its admin endpoint have to know of one another at their start.
///
/// Where nothing runs yet, nothing is started before the admin endpoint listens: what keeps it from that is told to whoever waits at
/// `signalbox up`, and costs nothing. Where something runs, it goes on, whether the admin endpoint listens or not.
final class StartOrder: Sendable {
    /// Where the admin endpoint listens.
    enum Door: Hashable, CaseIterable { case socket, declaredAddress }

    private static let pollInterval = Duration.milliseconds(20)

    private let findings = Mutex<Bool?>(nil)
    private let opened: AsyncStream<Door>
    private let opening: AsyncStream<Door>.Continuation

    init() {
        (opened, opening) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Door.allCases.count * 2))
    }

    func found(processes: Bool) { findings.withLock { $0 = processes } }

    /// Returns when it is known whether anything runs that an earlier supervisor has started.
    func findsProcesses() async throws -> Bool {
        while true {
            if let finding = findings.withLock(\.self) { return finding }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    func isOpen(_ door: Door) { opening.yield(door) }

    /// For one to wait.
    func waitUntilAllAreOpen() async throws {
        var seen: Set<Door> = []
        for await door in opened {
            seen.insert(door)
            if seen.count == Door.allCases.count { return }
        }
        throw CancellationError()
    }
}
