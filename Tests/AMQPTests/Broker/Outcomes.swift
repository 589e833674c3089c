import Synchronization

@testable import AMQP

/// What became of the messages of a batch.
final class Outcomes: Sendable {
    private let outcomes = Mutex<[AMQPOutcome]>([])

    var all: [AMQPOutcome] { outcomes.withLock { $0 } }

    @Sendable func add(_ more: [AMQPOutcome]) {
        outcomes.withLock { $0 += more }
    }
}
