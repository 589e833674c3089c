import Dispatch
import Glibc
import Synchronization

/// Counts the signals by which a person or the host asks for the end: INT, TERM and HUP.
final class StopSignals: Sendable {
    private struct State {
        var count = 0
        var last: Int32 = 0
    }

    private let state = Mutex(State())
    /// Kept for as long as this lives; touched by nobody.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "signals")
        // Ignored, the signal does not end the process before the source sees it.
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        // Whoever has it ignored already (nohup) wants this to outlive its terminal.
        let outlivesTerminal = unsafeBitCast(signal(SIGHUP, SIG_IGN), to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        let numbers = outlivesTerminal ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
        sources = numbers.map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
        for (source, number) in zip(sources, numbers) {
            source.setEventHandler { [weak self] in
                self?.state.withLock {
                    $0.count += 1
                    $0.last = number
                }
            }
            source.resume()
        }
    }

    /// How often the end has been asked for.
    var count: Int { state.withLock(\.count) }

    /// The name of the signal that came last.
    var name: String {
        switch state.withLock(\.last) {
        case SIGINT: "Ctrl-C"
        case SIGTERM: "TERM"
        default: "HUP"
        }
    }
}
