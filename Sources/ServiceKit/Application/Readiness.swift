internal import Synchronization

/// How far the service has come.
final class Readiness: Sendable {
    /// The schema is up to date: routes may answer.
    private let prepared = Atomic<Bool>(false)

    var isPrepared: Bool { prepared.load(ordering: .acquiring) }

    /// Everything that the service needs was there once.
    private let ready = Atomic<Bool>(false)

    var wasReady: Bool { ready.load(ordering: .acquiring) }

    func markReady() {
        ready.store(true, ordering: .releasing)
    }

    func markPrepared() {
        prepared.store(true, ordering: .releasing)
    }
}
