internal import Synchronization

/// Events between the client's thread and the one task that reads them.
///
/// It stays bounded without a limit of its own: each process has at most one `notified` in it (later fields are merged into it) and one
/// pair
/// of exits a start.
final class EventQueue: Sendable {
    private struct State {
        var events: [KeeperEvent] = []
        var reader: CheckedContinuation<KeeperEvent?, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    func push(_ event: KeeperEvent) {
        let reader = state.withLock { state -> CheckedContinuation<KeeperEvent?, Never>? in
            guard !state.isFinished else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            Self.append(event, to: &state.events)
            return nil
        }
        reader?.resume(returning: event)
    }

    /// What was pushed before is still given out.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    func next() async -> KeeperEvent? {
        await withCheckedContinuation { continuation in
            let (isAnswered, event) = state.withLock { state -> (Bool, KeeperEvent?) in
                if !state.events.isEmpty { return (true, state.events.removeFirst()) }
                if state.isFinished || state.reader != nil { return (true, nil) }
                state.reader = continuation
                return (false, nil)
            }
            if isAnswered { continuation.resume(returning: event) }
        }
    }

    private static func append(_ event: KeeperEvent, to events: inout [KeeperEvent]) {
        guard case .notified(let id, let fields) = event else {
            events.append(event)
            return
        }
        for index in events.indices.reversed() {
            switch events[index] {
            case .notified(id, let earlier):
                events[index] = .notified(id: id, fields: NotifyFields.merged(earlier, fields))
                return
            case .mainExited(id, _), .exited(id, _, _):
                events.append(event)
                return
            default: continue
            }
        }
        events.append(event)
    }
}
