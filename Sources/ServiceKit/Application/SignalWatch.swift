import Dispatch
import Glibc

/// Calls back for signals instead of letting them end the process.
///
/// `@unchecked Sendable`: the sources are only made in `init` and cancelled in `stop`, both of which Dispatch allows from anywhere.
final class SignalWatch: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ signals: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        // A reader of our pipe or socket that goes away is an error of that write, not the process's end.
        signal(SIGPIPE, SIG_IGN)
        sources = signals.map { number in
            // Dispatch sees a signal that is ignored too, and nothing else happens then.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { body(number) }
            source.resume()
            return source
        }
    }

    func stop() {
        for source in sources { source.cancel() }
    }
}
