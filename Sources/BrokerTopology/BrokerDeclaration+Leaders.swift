import Topology

extension BrokerDeclaration {
    /// Quorum queues that are there and have none of the bindings that they are to have, and do not tell of themselves: the queues of an
    /// apply that was not finished. Nothing has come into them, because bindings are made only once the queues are safe on disk.
    package func unbound(in state: BrokerState) -> Set<String> {
        leaderless(
            Set(queues.filter { queue in state.queue(queue.name).map { $0.kind == "quorum" && !$0.isAlive } ?? false }.map(\.name)),
            in: state)
    }

    /// Those among queues without a leader in which nothing can have been.
    package func leaderless(_ names: Set<String>, in state: BrokerState) -> Set<String> {
        let bound = Set(bindings.map(\.queue))
        return names.filter { bound.contains($0) && state.bindings(toQueue: $0).isEmpty && !QueueMigration.hasBegun($0, state) }
    }
}

extension BrokerAdministrator {
    /// Those of the queues that do not tell of themselves before patience is over.
    package func silent(among queues: Set<String>, patience: Duration) async throws(BrokerError) -> Set<String> {
        let deadline = ContinuousClock.now + patience
        var silent = queues
        while !silent.isEmpty {
            let alive = Set(try await read().queues.filter(\.isAlive).map(\.name))
            silent.subtract(alive)
            guard !silent.isEmpty, ContinuousClock.now < deadline else { break }
            do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
        }
        return silent
    }
}
