internal import CLinux
import Glibc

/// The way to systemd's journal by its native protocol: a datagram an entry, never waited for.
///
/// What the journal does not take at once waits in a queue of bounded size; what finds that full is lost, and counted.
final class JournalLink {
    static let maximumQueue = 4 << 20
    /// What an entry in the queue costs besides its bytes.
    private static let entryOverhead = 64
    static let retryInterval: time_t = 1

    private struct Entry {
        let bytes: [UInt8]
        let textBytes: Int
        let source: JournalSource
    }

    private enum Delivery {
        case sent
        /// The journal is busy, or away.
        case later
        /// Never to be taken: it must not hold up those behind it.
        case refused
    }

    let path: String
    private(set) var socket: Descriptor?
    private var connectedAt: time_t = 0
    private var queue: [Entry] = []
    private var head = 0
    private var queuedBytes = 0
    private var lossy: [ObjectIdentifier: JournalSource] = [:]
    /// Told when a socket has been connected, and before it is closed.
    var onConnect: ((Descriptor) -> Void)?
    var onDisconnect: ((Descriptor) -> Void)?
    /// Told when it begins to wait for the journal, and when it need not any more.
    var onWaiting: ((Bool) -> Void)?
    private var isWaiting = false {
        didSet { if isWaiting != oldValue { onWaiting?(isWaiting) } }
    }

    init(path: String) {
        self.path = path
    }

    /// Whether this host has a journal.
    var isPresent: Bool { access(path, F_OK) == 0 }

    var isIdle: Bool { queue.isEmpty && lossy.isEmpty }

    /// - Parameters:
    ///   - parts: the entry; used before this returns.
    ///   - textBytes: of the line in it, to be counted should it be lost.
    func send(_ parts: UnsafeBufferPointer<clinux_part>, textBytes: Int, from source: JournalSource, at time: timespec) {
        if queue.isEmpty {
            switch transmit(parts, at: time) {
            case .sent: return
            case .later: break
            case .refused:
                lose(textBytes, of: source, at: time)
                return
            }
        }
        let size = parts.reduce(0) { $0 + $1.count }
        guard queuedBytes + size + Self.entryOverhead <= Self.maximumQueue else {
            lose(textBytes, of: source, at: time)
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        for part in parts { bytes.append(contentsOf: UnsafeRawBufferPointer(start: part.start, count: part.count)) }
        queue.append(Entry(bytes: bytes, textBytes: textBytes, source: source))
        queuedBytes += size + Self.entryOverhead
    }

    /// Sends what waits, as far as the journal takes it, then says what was lost.
    func flush(at time: timespec) {
        while head < queue.count {
            let entry = queue[head]
            let delivery = entry.bytes.withUnsafeBytes { bytes in
                withUnsafePointer(to: clinux_part(start: bytes.baseAddress, count: bytes.count)) {
                    transmit(UnsafeBufferPointer(start: $0, count: 1), at: time)
                }
            }
            if delivery == .later {
                dropSent()
                return
            }
            if delivery == .refused { lose(entry.textBytes, of: entry.source, at: time) }
            queuedBytes -= entry.bytes.count + Self.entryOverhead
            head += 1
        }
        dropSent()
        isWaiting = false
        let told = lossy
        lossy = [:]
        for source in told.values { source.tellLoss(at: time) }
    }

    /// The socket has something to say. If nothing was asked of it, that can only be an error.
    func socketReady(at time: timespec) {
        if isWaiting { flush(at: time) } else { disconnect() }
    }

    private func dropSent() {
        queue.removeFirst(head)
        head = 0
    }

    private func lose(_ textBytes: Int, of source: JournalSource, at time: timespec) {
        source.lost(textBytes, at: time)
        lossy[ObjectIdentifier(source)] = source
    }

    private func transmit(_ parts: UnsafeBufferPointer<clinux_part>, at time: timespec) -> Delivery {
        guard let socket = connected(at: time) else { return .later }
        switch -clinux_send_datagram(socket.number, parts.baseAddress, parts.count) {
        case 0: return .sent
        case EAGAIN, ENOBUFS, ENOMEM:
            isWaiting = true
            return .later
        case ECONNREFUSED, ENOTCONN, EPIPE, ECONNRESET:
            disconnect()
            return .later
        default: return .refused
        }
    }

    private func connected(at time: timespec) -> Descriptor? {
        if let socket { return socket }
        guard time.tv_sec - connectedAt >= Self.retryInterval || time.tv_sec < connectedAt else { return nil }
        connectedAt = time.tv_sec
        let result = clinux_connect_datagram(path)
        guard result >= 0 else { return nil }
        let socket = Descriptor(result)
        self.socket = socket
        onConnect?(socket)
        return socket
    }

    private func disconnect() {
        guard let socket else { return }
        isWaiting = false
        onDisconnect?(socket)
        self.socket = nil
    }
}
