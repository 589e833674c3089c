import HTTPClient
internal import Synchronization

/// Sends spans to a collector by OTLP/HTTP in JSON: a batch at a time, in order. While the collector is away the newest wait up to a bound;
/// what comes beyond it is dropped and counted.
final class OTLPExporter: Sendable {
    static let maximumWaiting = 4096
    /// Bytes of encoded spans that wait.
    static let maximumWaitingBytes = 8 << 20
    static let batch = 512
    static let batchBytes = 1 << 20
    static let firstPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(30)
    /// For the last batches when the process stops.
    static let closingPatience = Duration.seconds(2)
    private static let longestAnswer = 64 << 10

    struct Counts: Sendable, Equatable {
        var exported = 0
        var dropped = 0
    }

    private struct State {
        var waiting: [[UInt8]] = []
        var bytes = 0
        var counts = Counts()
        var isSending = false
        /// Waits before it tries a collector again that was away.
        var isPausing = false
        var isClosed = false
        var sending: Task<Void, Never>?
    }

    private let settings: OTLPSettings
    private let head: [UInt8]
    private let tail: [UInt8]
    private let client = HTTPClient()
    private let firstPause: Duration
    private let state = Mutex(State())

    init(settings: OTLPSettings, resource: TraceResource, firstPause: Duration = firstPause) {
        self.settings = settings
        self.firstPause = firstPause
        (head, tail) = OTLPText.request(of: resource)
    }

    var counts: Counts { state.withLock { $0.counts } }
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// - Parameter spans: each as OTLP's JSON.
    func take(_ spans: [[UInt8]]) {
        state.withLock { state in
            for span in spans {
                guard !state.isClosed, state.waiting.count < Self.maximumWaiting, state.bytes + span.count <= Self.maximumWaitingBytes
                else {
                    state.counts.dropped += 1
                    continue
                }
                state.waiting.append(span)
                state.bytes += span.count
            }
            guard !state.isSending, !state.waiting.isEmpty else { return }
            state.isSending = true
            // Not awaited by those who record spans; `close` waits for it, and then cancels it.
            state.sending = Task { await self.sendWaiting() }
        }
    }

    /// What could not be sent within a moment is dropped.
    func close() async {
        let sending = state.withLock { state in
            state.isClosed = true
            if state.isPausing { state.sending?.cancel() }
            return state.sending
        }
        if let sending {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await sending.value }
                group.addTask {
                    try? await Task.sleep(for: Self.closingPatience)
                    sending.cancel()
                }
                await group.next()
                sending.cancel()
                group.cancelAll()
            }
        }
        state.withLock { state in
            state.counts.dropped += state.waiting.count
            state.waiting = []
            state.bytes = 0
        }
    }

    private func sendWaiting() async {
        var pause = firstPause
        while let batch = nextBatch() {
            let answer = await send(batch)
            switch answer {
            case .accepted(let rejected):
                pause = firstPause
                finish(batch.count, dropped: min(rejected, batch.count))
            case .refused: finish(batch.count, dropped: batch.count)
            case .later(let seconds):
                guard await pauseBeforeNext(seconds.map { .seconds($0) } ?? pause * Double.random(in: 0.5...1)) else { return }
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// - Returns: false when the process stops: there is no later.
    private func pauseBeforeNext(_ pause: Duration) async -> Bool {
        let isClosed = state.withLock { state in
            state.isPausing = !state.isClosed
            return state.isClosed
        }
        var goesOn = !isClosed
        if goesOn { goesOn = (try? await Task.sleep(for: pause)) != nil }
        state.withLock { [goesOn] state in
            state.isPausing = false
            if !goesOn { state.isSending = false }
        }
        return goesOn
    }

    /// What is sent stays in the list until its fate is known. Nil: there is nothing left, and nobody sends any more.
    private func nextBatch() -> [[UInt8]]? {
        state.withLock { state in
            var count = 0
            var bytes = 0
            while count < min(Self.batch, state.waiting.count), count == 0 || bytes + state.waiting[count].count <= Self.batchBytes {
                bytes += state.waiting[count].count
                count += 1
            }
            state.isSending = count > 0
            return count > 0 ? Array(state.waiting[..<count]) : nil
        }
    }

    private func finish(_ count: Int, dropped: Int) {
        state.withLock { state in
            state.bytes -= state.waiting.prefix(count).reduce(0) { $0 + $1.count }
            state.waiting.removeFirst(min(count, state.waiting.count))
            state.counts.exported += count - dropped
            state.counts.dropped += dropped
        }
    }

    private func send(_ batch: [[UInt8]]) async -> OTLPAnswer {
        var body = head
        body.reserveCapacity(head.count + tail.count + batch.reduce(0) { $0 + $1.count + 1 })
        for (index, span) in batch.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += span
        }
        body += tail
        let headers = [("Content-Type", "application/json")] + settings.headers.map { ($0.name, $0.value) }
        let request = HTTPClient.Request(
            method: "POST", path: settings.path, headers: headers, body: body, timeout: settings.timeout, maximumBody: Self.longestAnswer)
        do throws(HTTPClientError) {
            return OTLPAnswer(try await client.send(request, to: settings.address))
        } catch {
            // An answer that is none may mean that the spans were taken: sent again they would be there twice.
            return error.code == .invalidResponse || error.code == .tooLarge ? .refused : .later(seconds: nil)
        }
    }
}
