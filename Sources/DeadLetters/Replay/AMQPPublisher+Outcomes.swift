import AMQP
import Synchronization

extension AMQPPublisher {
    /// Publishes a batch.
    /// - Parameter limit: for each message.
    /// - Returns: when all are settled: every message's outcome.
    func outcomes(of batch: [AMQPPublication], within limit: Duration) async -> [AMQPOutcome] {
        guard !batch.isEmpty else { return [] }
        let gathered = OutcomeGathering(count: batch.count)
        await publish(batch, deadline: .now + limit) { gathered.add($0) }
        return await gathered.all()
    }
}

private final class OutcomeGathering: Sendable {
    private struct State {
        var outcomes: [AMQPOutcome] = []
        var waiter: CheckedContinuation<[AMQPOutcome], Never>?
    }

    private let count: Int
    private let state = Mutex(State())

    init(count: Int) { self.count = count }

    func add(_ outcomes: [AMQPOutcome]) {
        let ready = state.withLock { state -> (CheckedContinuation<[AMQPOutcome], Never>, [AMQPOutcome])? in
            state.outcomes += outcomes
            guard state.outcomes.count >= count, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, state.outcomes)
        }
        if let (waiter, outcomes) = ready { waiter.resume(returning: outcomes) }
    }

    func all() async -> [AMQPOutcome] {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> [AMQPOutcome]? in
                if state.outcomes.count >= count { return state.outcomes }
                state.waiter = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
