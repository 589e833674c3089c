/// How to wait until new quorum queues outlive a broker that is killed.
///
/// RabbitMQ writes the table that names the leader of each (`names.dets`) some seconds late, and a queue that is not in it when the broker
/// is killed comes back without a leader: nothing can be published to it or read from it any more (seen with 3.10).
package struct QueueSettling: Sendable {
    /// What the table is late by at most, as measured (3 s), and some more.
    package static let delay = Duration.seconds(4)
    static let pollInterval = Duration.milliseconds(100)

    let wait: @Sendable (Set<String>) async -> Void

    /// For a broker that nobody kills, as in most tests.
    package static let immediate = QueueSettling { _ in }

    /// For a broker whose files are out of reach.
    package static let delayed = QueueSettling { _ in try? await Task.sleep(for: delay) }

    /// For a broker whose files can be read.
    /// - Parameter isSettled: whether all that was declared so far is on disk.
    package static func watching(_ isSettled: @escaping @Sendable () async -> Bool) -> QueueSettling {
        QueueSettling { _ in
            let deadline = ContinuousClock.now + delay
            while ContinuousClock.now < deadline, !Task.isCancelled, await !isSettled() { try? await Task.sleep(for: pollInterval) }
        }
    }
}
