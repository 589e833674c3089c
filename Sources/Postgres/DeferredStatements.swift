internal import Synchronization

/// Statements that go to the server together with the next one, in their order and before it: they cost no round trip of their own.
final class DeferredStatements: Sendable {
    /// Beyond it, whoever adds one has to send them.
    static let maximum = 64

    private struct State {
        var statements: [PostgresStatement] = []
        var sendings = 0
    }

    private let state = Mutex(State())

    /// - Returns: false when there are too many already.
    func add(_ statement: PostgresStatement) -> Bool {
        state.withLock {
            guard $0.statements.count < Self.maximum else { return false }
            $0.statements.append(statement)
            return true
        }
    }

    /// To send them.
    func take() -> [PostgresStatement] {
        state.withLock { state in
            defer { state.statements = [] }
            state.sendings += 1
            return state.statements
        }
    }

    var mark: PostgresConnection.Mark {
        state.withLock { PostgresConnection.Mark(sendings: $0.sendings, deferred: $0.statements.count) }
    }

    /// Forgets what was added since.
    func drop(after mark: PostgresConnection.Mark?) {
        state.withLock { state in
            let kept = mark?.sendings == state.sendings ? mark?.deferred ?? 0 : 0
            state.statements.removeLast(max(0, state.statements.count - kept))
        }
    }
}
