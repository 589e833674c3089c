internal import CLinux
import Glibc
internal import Synchronization

/// Does small pieces of writing on a thread of its own, in the order in which they come: a slow or full disk holds up nobody.
final class StateWriter: Sendable {
    /// Pieces that wait. Of more the oldest are left out.
    static let maximumBacklog = 100_000

    typealias Piece = @Sendable () -> Void

    private struct State {
        var pieces: [Piece] = []
        /// By file: only the latest contents are worth writing.
        var contents: [String: Piece] = [:]
        var isRunning = false
        var isFinished = false
    }

    private let state = Mutex(State())
    private let wakeUp = eventfd(0, Int32(EFD_CLOEXEC))

    deinit { close(wakeUp) }

    /// - Returns: false: it was left out, or pushed an older one out.
    @discardableResult
    func add(_ piece: @escaping Piece) -> Bool {
        enqueue { state in
            state.pieces.append(piece)
            guard state.pieces.count > Self.maximumBacklog else { return true }
            state.pieces.removeFirst(state.pieces.count / 2)
            return false
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
            let isTaken = enqueue { state in
                state.pieces.append { continuation.resume() }
                return true
            }
            if !isTaken { continuation.resume() }
        }
    }

    /// Returns when all that came before has been written, or the time is over.
    func flush(within limit: Duration) async {
        let (written, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
        guard add({ continuation.finish() }) else { return }
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        for await _ in written {}
        timer.cancel()
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
                let pieces = state.pieces
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
