import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// One JSON line a request on a descriptor. Event loops only append to a buffer; a thread of the log's own writes it, so that a reader that
/// stops reading stops nobody else.
final class AccessLog: Sendable {
    /// Bytes that wait to be written; lines beyond it are dropped and counted.
    static let longestBacklog = 4 << 20
    static let longestPath = 1024

    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var dropped = 0
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private let thread = NIOThreadPool(numberOfThreads: 1)

    init(descriptor: Int32) {
        self.descriptor = descriptor
        thread.start()
    }

    var dropped: Int { state.withLock { $0.dropped } }

    func write(_ record: RequestRecord, duration: TimeAmount) {
        let line = Self.line(record, duration: duration, time: WallClock.now())
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= Self.longestBacklog else {
                state.dropped += 1
                return false
            }
            state.waiting += line
            guard !state.isWriting else { return false }
            state.isWriting = true
            return true
        }
        if isFirst { thread.submit { [self] _ in writeWaiting() } }
    }

    /// Writes what waits, then stops.
    func close() async {
        try? await thread.shutdownGracefully()
        writeWaiting()
    }

    private func writeWaiting() {
        while true {
            let bytes = state.withLock { state in
                let bytes = state.waiting
                state.waiting = []
                state.isWriting = !bytes.isEmpty
                return bytes
            }
            guard !bytes.isEmpty else { return }
            bytes.withUnsafeBytes { all in
                var rest = all[...]
                while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
                    let count = Glibc.write(descriptor, start, rest.count)
                    if count > 0 {
                        rest = rest.dropFirst(count)
                    } else if errno != EINTR {
                        return
                    }
                }
            }
        }
    }

    /// Without the query: it may hold secrets.
    static func line(_ record: RequestRecord, duration: TimeAmount, time: Int64) -> [UInt8] {
        var json = JSONText()
        json.beginObject()
        json.member("time", WallClock.iso8601(time))
        json.member("method", record.method)
        json.member("path", String(decoding: record.path.utf8.prefix(longestPath), as: UTF8.self))
        json.member("status", record.status)
        json.name("duration_ms")
        let microseconds = duration.nanoseconds / 1000
        let fraction = String(microseconds % 1000)
        json.raw("\(microseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)")
        json.member("bytes", record.bytes)
        if let route = record.route { json.member("route", route.label) }
        if !record.upstream.isEmpty { json.member("upstream", record.upstream) }
        if let cache = record.cache { json.member("cache", cache.rawValue) }
        if record.isCutShort {
            json.name("cut_short")
            json.raw("true")
        }
        if !record.clientAddress.isEmpty { json.member("client", record.clientAddress) }
        if !record.requestID.isEmpty { json.member("request_id", record.requestID) }
        if !record.traceID.isEmpty { json.member("trace_id", record.traceID) }
        json.endObject()
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
