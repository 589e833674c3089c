import Glibc

/// Frames in and out of one end of the control socket, without ever blocking.
struct ControlChannel {
    private static let readSize = 64 << 10
    /// Reads of one turn, so that a peer that never pauses cannot keep everything else waiting.
    private static let maximumReadsPerTurn = 16
    private static let sendFlags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    private static let receiveFlags = Int32(MSG_DONTWAIT)

    let descriptor: Int32
    private(set) var isClosed = false
    private var received: [UInt8] = []
    private var searched = 0
    private var unsent: [UInt8] = []

    /// Owns the descriptor from now on.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Bytes that the peer has not taken yet.
    var backlog: Int { unsent.count }

    /// Frames that have arrived whole. Afterwards `isClosed` tells whether the peer is gone.
    mutating func receive() throws(KeeperError) -> [[UInt8]] {
        guard !isClosed else { return [] }
        for _ in 0..<Self.maximumReadsPerTurn {
            let (bytes, count) = readOnce()
            if count > 0 {
                received += bytes
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                isClosed = true
                break
            } else {
                break
            }
        }
        let frames = takeFrames()
        if received.count > ControlCoding.maximumFrame {
            isClosed = true
            throw KeeperError(.protocolViolation, "a frame on the control socket is longer than \(ControlCoding.maximumFrame) bytes")
        }
        return frames
    }

    mutating func send(_ frame: [UInt8]) {
        guard !isClosed else { return }
        unsent += frame
        flush()
    }

    mutating func flush() {
        var sent = 0
        while sent < unsent.count {
            let count = unsent.withUnsafeBytes { bytes in
                Glibc.send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Self.sendFlags)
            }
            if count > 0 {
                sent += count
            } else if errno == EINTR {
                continue
            } else {
                if errno != EAGAIN { isClosed = true }
                break
            }
        }
        unsent.removeFirst(sent)
    }

    mutating func close() {
        isClosed = true
        Glibc.close(descriptor)
    }

    private func readOnce() -> (bytes: [UInt8], count: Int) {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, Self.readSize, Self.receiveFlags)
            initialized = max(count, 0)
        }
        return (bytes, count)
    }

    private mutating func takeFrames() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var start = 0
        while let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            frames.append(Array(received[start..<end]))
            start = end + 1
            searched = start
        }
        received.removeFirst(start)
        searched = received.count
        return frames
    }
}
