internal import Synchronization

/// How long each statement takes when nothing is in its way: the shortest time seen, which is forgotten slowly.
final class StatementNeeds: Sendable {
    /// Statements that are told apart; others need what they take.
    static let maximumStatements = 512
    private static let forgetting = 0.01

    private let shortest = Mutex<[String: Duration]>([:])

    /// - Returns: how much longer than needed it took.
    func excess(of taken: Duration, sql: String) -> Duration {
        shortest.withLock { shortest in
            guard let need = shortest[sql] else {
                if shortest.count < Self.maximumStatements { shortest[sql] = taken }
                return .zero
            }
            shortest[sql] = min(taken, need + (taken - need) * Self.forgetting)
            return max(.zero, taken - need)
        }
    }
}
