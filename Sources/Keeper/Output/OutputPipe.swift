internal import CLinux
import Glibc

/// The keeper's end of a process's stdout or stderr.
final class OutputPipe {
    /// Room for a burst while the keeper is busy or the disk is slow; the kernel gives less to a user who has many.
    static let pipeSize = 1 << 20
    static let readSize = 64 << 10
    /// So that one that never pauses cannot keep the others waiting.
    static let maximumReadsPerTurn = 4
    /// What a dead process can have left in its pipe. More comes only from somebody who still writes.
    static let maximumReadsAtEnd = pipeSize / readSize + 1

    let reading: Descriptor
    private let log: LogFile
    private var stamper: LineStamper
    private var timestamp = Timestamp()
    private let copiesToStandardError: Bool
    private(set) var isFinished = false

    init(reading: Descriptor, tag: String, log: LogFile, copiesToStandardError: Bool) {
        self.reading = reading
        self.log = log
        self.copiesToStandardError = copiesToStandardError
        stamper = LineStamper(tag: tag)
        _ = clinux_set_nonblocking(reading.number)
        _ = clinux_set_pipe_size(reading.number, Int32(Self.pipeSize))
    }

    func readable() {
        read(atMost: Self.maximumReadsPerTurn)
    }

    /// Takes what is left in the pipe, without waiting for writers that may still hold it, and ends the last line.
    func drain() {
        read(atMost: Self.maximumReadsAtEnd)
        finish()
    }

    private func finish() {
        isFinished = true
        var lines: [UInt8] = []
        stamper.finish(time: timestamp.format(Timestamp.realTime()), to: &lines)
        log.write(lines)
    }

    private func read(atMost turns: Int) {
        withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 16) { buffer in
            for _ in 0..<turns where !isFinished {
                let count = Glibc.read(reading.number, buffer.baseAddress, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count == 0 {
                    finish()
                    return
                }
                guard count > 0 else { return }
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        var lines: [UInt8] = []
        lines.reserveCapacity(bytes.count * 3 / 2)
        stamper.append(bytes, time: timestamp.format(Timestamp.realTime()), to: &lines)
        log.write(lines)
        if copiesToStandardError { StandardError.write(bytes) }
    }
}
