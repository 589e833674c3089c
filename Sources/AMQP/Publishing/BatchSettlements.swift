/// Gathers the outcomes of one batch that come in one turn of the thread, so that its owner is called once for all of them.
final class BatchSettlements {
    private let settled: @Sendable ([AMQPOutcome]) -> Void
    private var outcomes: [AMQPOutcome] = []

    init(_ settled: @escaping @Sendable ([AMQPOutcome]) -> Void) {
        self.settled = settled
    }

    /// - Returns: whether it is the first since `flush`, which has to be called then.
    func add(_ outcome: AMQPOutcome) -> Bool {
        outcomes.append(outcome)
        return outcomes.count == 1
    }

    func flush() {
        guard !outcomes.isEmpty else { return }
        let settling = outcomes
        outcomes.removeAll(keepingCapacity: true)
        settled(settling)
    }
}
