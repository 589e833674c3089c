internal import CLinux
import Glibc

/// The keeper's end of a process's stdout or stderr.
final class OutputPipe {
    /// Room for a burst while the keeper is busy or the disk is slow; only for a process that has filled its pipe, because the kernel gives
    /// less to a user who has many big ones.
    static let pipeSize = 1 << 20
    static let initialPipeSize = 64 << 10
    /// Reads of one turn, so that one that never pauses cannot keep the others waiting.
    private static let readsPerTurn = 1
    /// What a dead process can have left in its pipe. More comes only from somebody who still writes.
    private static let readsAtEnd = pipeSize / LineBuffer.readSize + 1

    let reading: Descriptor
    private let writer: LogWriter
    private let buffer: LineBuffer
    private var stamper: LineStamper
    private var timestamp = Timestamp()
    private let copiesToStandardError: Bool
    private var isEnlarged = false
    private(set) var isFinished = false

    init(reading: Descriptor, tag: StreamTag, writer: LogWriter, buffer: LineBuffer, copiesToStandardError: Bool) {
        self.reading = reading
        self.writer = writer
        self.buffer = buffer
        self.copiesToStandardError = copiesToStandardError
        stamper = LineStamper(tag: tag)
        _ = clinux_set_nonblocking(reading.number)
    }

    func readable() {
        read(atMost: Self.readsPerTurn)
    }

    /// Takes what is left in the pipe, without waiting for writers that may still hold it, and ends the last line.
    func drain() {
        read(atMost: Self.readsAtEnd)
        if !isFinished { finish() }
    }

    private func finish() {
        isFinished = true
        let time = Timestamp.realTime()
        stamper.finish(stamp: timestamp.stamp(time, tag: stamper.tag), time: time, through: buffer) { writer.write($0) }
    }

    private func read(atMost turns: Int) {
        for _ in 0..<turns where !isFinished {
            let count = Glibc.read(reading.number, buffer.input.baseAddress, buffer.input.count)
            if count < 0 && errno == EINTR { continue }
            if count == 0 { finish() }
            guard count > 0 else { return }
            take(UnsafeRawBufferPointer(rebasing: buffer.input[..<count]))
            if count >= Self.initialPipeSize { enlarge() }
        }
    }

    private func enlarge() {
        guard !isEnlarged else { return }
        isEnlarged = true
        _ = clinux_set_pipe_size(reading.number, Int32(Self.pipeSize))
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let time = Timestamp.realTime()
        stamper.append(bytes, stamp: timestamp.stamp(time, tag: stamper.tag), time: time, through: buffer) { writer.write($0) }
        if copiesToStandardError { StandardError.write(bytes) }
    }
}
