import Dispatch
import Glibc

/// TERM and INT, as something to wait for instead of the end of the process.
struct StopSignal {
    private let signals: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (signals, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        sources = [SIGTERM, SIGINT].map { number in
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        // A client that is gone shows by the write's error.
        signal(SIGPIPE, SIG_IGN)
    }

    func wait() async {
        for await _ in signals { return }
    }
}
