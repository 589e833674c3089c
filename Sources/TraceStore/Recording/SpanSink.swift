import Glibc
internal import NIOPosix
internal import Synchronization

/// Takes the spans that have ended, and brings them to the local store and to the exporter on a thread of its own. `record` only appends to a
/// list, so that neither a disk nor a collector that does not answer holds up the work that is traced; what does not fit is dropped and
/// counted.
package final class SpanSink: Sendable {
    /// Spans that wait to be written, and about how many bytes they take.
    static let maximumWaiting = 8192
    static let maximumWaitingWeight = 16 << 20
    /// Microseconds: spans that end within it are written at once.
    static let gathering: UInt32 = 50_000

    /// Since the process began.
    package struct Counts: Sendable, Equatable {
        package var recorded = 0
        /// Never written to the local store: too many at once, or a disk that is full or away.
        package var droppedByStore = 0
        /// Accepted by the collector.
        package var exported = 0
        /// Never taken by the collector.
        package var droppedByExporter = 0
    }

    private struct State {
        var waiting: [FinishedSpan] = []
        var weight = 0
        var isWriting = false
        var isClosed = false
        var recorded = 0
        var dropped = 0
    }

    private struct Files: ~Copyable {
        var writer: SpanFileWriter?
    }

    private let state = Mutex(State())
    private let files: Mutex<Files>
    private let exporter: OTLPExporter?
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let hasStore: Bool
    private let gathering: UInt32

    package convenience init(resource: TraceResource, settings: TraceSettings) {
        self.init(resource: resource, settings: settings, gathering: Self.gathering)
    }

    init(
        resource: TraceResource, settings: TraceSettings, gathering: UInt32, maximumFileSize: Int = SpanFileWriter.maximumFileSize
    ) {
        hasStore = settings.folder != nil
        files = Mutex(
            Files(writer: settings.folder.map { SpanFileWriter(folder: $0, resource: resource, maximumFileSize: maximumFileSize) }))
        exporter = settings.exporter.map { OTLPExporter(settings: $0, resource: resource) }
        self.gathering = gathering
        thread.start()
    }

    /// Whether anybody wants spans.
    package var isOpen: Bool { hasStore || exporter != nil }

    package func record(_ span: FinishedSpan) {
        guard isOpen else { return }
        let weight = span.weight
        let isFirst = state.withLock { state in
            state.recorded += 1
            guard !state.isClosed, state.waiting.count < Self.maximumWaiting, state.weight + weight <= Self.maximumWaitingWeight else {
                state.dropped += 1
                return false
            }
            state.waiting.append(span)
            state.weight += weight
            guard !state.isWriting else { return false }
            state.isWriting = true
            return true
        }
        // What the thread did not come to before it was shut down is written by `close` itself.
        if isFirst { thread.submit { [self] in if $0 == .active { writeWaiting() } } }
    }

    package var counts: Counts {
        let (recorded, dropped) = state.withLock { ($0.recorded, $0.dropped) }
        let exported = exporter?.counts ?? OTLPExporter.Counts()
        return Counts(
            recorded: recorded, droppedByStore: hasStore ? dropped : 0, exported: exported.exported,
            droppedByExporter: exporter == nil ? 0 : exported.dropped + dropped)
    }

    /// Writes what waits, gives the collector a last short chance, and takes nothing more.
    package func close() async {
        state.withLock { $0.isClosed = true }
        try? await thread.shutdownGracefully()
        writeOnce()
        await exporter?.close()
    }

    private func writeWaiting() {
        repeat { usleep(gathering) } while writeOnce()
    }

    /// - Returns: whether there was anything.
    @discardableResult
    private func writeOnce() -> Bool {
        let spans = state.withLock { state in
            let spans = state.waiting
            state.waiting = []
            state.weight = 0
            state.isWriting = !spans.isEmpty && !state.isClosed
            return spans
        }
        guard !spans.isEmpty else { return false }
        var encoded: [[UInt8]] = []
        var lines: [UInt8] = []
        for span in spans {
            let start = lines.count
            OTLPText.append(span, to: &lines)
            if exporter != nil { encoded.append(Array(lines[start...])) }
            lines.append(UInt8(ascii: "\n"))
        }
        if hasStore {
            let isWritten = files.withLock { files in
                files.writer?.write(
                    lines, now: Self.nanoseconds(CLOCK_MONOTONIC), milliseconds: Self.nanoseconds(CLOCK_REALTIME) / 1_000_000)
                    ?? false
            }
            if !isWritten { state.withLock { $0.dropped += spans.count } }
        }
        exporter?.take(encoded)
        return true
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
