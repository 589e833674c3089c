internal import CLinux
import Glibc
internal import Synchronization

/// Does small pieces of writing on a thread of its own, in the order in which they come: a slow or full disk holds up nobody.
final class StateWriter: Sendable {
    /// Pieces that wait. Of more the oldest are left out, and counted.
    static let maximumBacklog = 100_000

    typealias Piece = @Sendable () -> Void

    private struct Waiting {
        var piece: Piece
        /// Nobody waits for it.
        var isDispensable = true
    }

    private struct State {
        var pieces: [Waiting] = []
        var lost = 0
        /// By file: only the latest contents are worth writing.
        var contents: [String: Piece] = [:]
        var isRunning = false
        var isFinished = false
    }

    private let state = Mutex(State())
    private let wakeUp = eventfd(0, Int32(EFD_CLOEXEC))

    deinit { close(wakeUp) }

    /// How many pieces have been left out so far.
    var lost: Int { state.withLock(\.lost) }

    /// How many pieces are still to be carried out.
    var backlog: Int { state.withLock(\.pieces.count) }

    /// - Returns: false: nothing is written any more.
    @discardableResult
    func add(_ piece: @escaping Piece) -> Bool {
        enqueue { state in
            state.pieces.append(Waiting(piece: piece))
            guard state.pieces.count > Self.maximumBacklog else { return true }
            let older = state.pieces.prefix(state.pieces.count / 2)
            let kept = older.filter { !$0.isDispensable }
            state.pieces.replaceSubrange(..<older.endIndex, with: kept)
            state.lost += older.count - kept.count
            return true
        }
    }

    /// Comes about whatever is left out.
    ///
    /// - Returns: false: it does not, because nothing is written any more.
    private func addMark(_ piece: @escaping Piece) -> Bool {
        enqueue { state in
            state.pieces.append(Waiting(piece: piece, isDispensable: false))
            return true
        }
    }

    /// Takes the place of an earlier one for that file which has not been written yet.
    func replace(_ file: String, _ piece: @escaping Piece) {
        _ = enqueue { state in
            state.contents[file] = piece
            return true
        }
    }

    private func enqueue(_ change: (inout State) -> Bool) -> Bool {
        let (isTaken, startsThread) = state.withLock { state -> (Bool, Bool) in
            guard !state.isFinished else { return (false, false) }
            let isTaken = change(&state)
            defer { state.isRunning = true }
            return (isTaken, !state.isRunning)
        }
        // The thread holds on to this object until `finish`.
        if startsThread, !BlockingThread.start({ self.run() }) { state.withLock { $0.isRunning = false } }
        wake()
        return isTaken
    }

    /// Returns when all that came before has been written.
    func flush() async {
        await withCheckedContinuation { continuation in
            let isTaken = addMark { continuation.resume() }
            if !isTaken { continuation.resume() }
        }
    }

    /// Returns when all that came before has been written, or the time is over.
    ///
    /// - Returns: false: the time is over.
    @discardableResult
    func flush(within limit: Duration) async -> Bool {
        let (written, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let isTaken = addMark {
            continuation.yield()
            continuation.finish()
        }
        guard isTaken else { return true }
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        var isWritten = false
        for await _ in written { isWritten = true }
        timer.cancel()
        return isWritten
    }

    /// Writes what is left; takes no more.
    func finish() async {
        await flush()
        state.withLock { $0.isFinished = true }
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    private func run() {
        while true {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
            let (pieces, isFinished) = state.withLock { state in
                let pieces = state.pieces.map(\.piece)
                let contents = Array(state.contents.values)
                state.pieces = []
                state.contents = [:]
                return (contents + pieces, state.isFinished)
            }
            for piece in pieces { piece() }
            if isFinished { return }
        }
    }
}
