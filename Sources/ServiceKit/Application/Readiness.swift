internal import Synchronization

/// How far the service has come.
final class Readiness: Sendable {
    /// The schema is up to date: routes may answer.
    private let prepared = Atomic<Bool>(false)

    var isPrepared: Bool { prepared.load(ordering: .acquiring) }

    func markPrepared() {
        prepared.store(true, ordering: .releasing)
    }
}
