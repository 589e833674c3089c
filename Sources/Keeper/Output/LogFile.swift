internal import CLinux
import Glibc

/// A log file that never grows without bound: at its greatest size or age it becomes `.1`, the former `.1` becomes `.2`, and so on.
///
/// Lines that cannot be written are counted and given up, so that nobody waits for a full disk. When writing works again, a line says so.
final class LogFile {
    /// How much a file may be above its greatest size when the next one cannot be made.
    private static let overrun = 2
    /// Between two looks whether somebody has removed the file.
    private static let lookInterval: time_t = 1
    /// Of files that a policy before this one kept.
    private static let maximumFiles = 1000

    let path: String
    private(set) var maximumSize: Int
    private(set) var keep: Int
    private(set) var maximumAge: Double?
    private var descriptor: Descriptor?
    /// A device is written to, never renamed.
    private var isRegular = true
    private var size = 0
    /// Unix seconds.
    private var bornAt: Double = 0
    private var lookedAt: time_t = 0
    private var timestamp = Timestamp()
    private var pending = LogLoss()
    private var reason = ""

    /// Throws where a mistake is in the way; what passes by itself, a full disk say, is waited for.
    init(path: String, policy: LogPolicy = LogPolicy()) throws(SystemError) {
        self.path = path
        maximumSize = max(policy.maximumSize, 1)
        keep = min(max(policy.keep, 0), Self.maximumFiles)
        maximumAge = policy.maximumAge
        do throws(SystemError) {
            try open()
        } catch {
            guard Self.passesByItself(error.number) else { throw error }
        }
        removeSurplus()
    }

    func follow(_ policy: LogPolicy) {
        maximumSize = max(policy.maximumSize, 1)
        keep = min(max(policy.keep, 0), Self.maximumFiles)
        maximumAge = policy.maximumAge
        removeSurplus()
    }

    /// Something was lost and no line says so yet.
    var hasPendingLoss: Bool { !pending.isEmpty }

    /// - Returns: what could not be written.
    func write(_ lines: StampedLines) -> LogLoss {
        prepare(at: lines.time)
        guard tellPendingLoss(lines.time) else { return lose(lines.bytes, at: lines.time) }
        var loss = LogLoss()
        var rest = lines.bytes
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest[..<fitting(rest)])
            if part.isEmpty {
                rotate()
                if size > maximumSize * Self.overrun {
                    loss.add(lose(rest, at: lines.time))
                    break
                }
                // Rotated or not: the next line at least is written.
                if size > 0 {
                    let line = UnsafeRawBufferPointer(rebasing: rest[..<Self.firstLine(rest)])
                    loss.add(append(line, at: lines.time))
                    rest = UnsafeRawBufferPointer(rebasing: rest[line.count...])
                }
                continue
            }
            loss.add(append(part, at: lines.time))
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
        return loss
    }

    /// A line of the keeper's own.
    func note(_ text: String) {
        let time = Timestamp.realTime()
        prepare(at: time)
        if tellPendingLoss(time) { _ = writeOwn(text, time) }
    }

    /// Tries again to say what was lost; closes and removes files that are too old. To be called now and then, for a silent process writes
    /// nothing.
    func tend(at time: timespec) {
        prepare(at: time)
        _ = tellPendingLoss(time)
        guard let maximumAge else { return }
        let limit = maximumAge * Double(keep + 1)
        for number in 1...max(keep, 1) {
            var status = stat()
            let old = "\(path).\(number)"
            if stat(old, &status) == 0, Timestamp.seconds(time) - Timestamp.seconds(status.st_mtim) > limit { unlink(old) }
        }
    }

    /// Opens the file if it is not open, or not there any more, and begins a new one when it is old.
    private func prepare(at time: timespec) {
        if time.tv_sec - lookedAt >= Self.lookInterval || time.tv_sec < lookedAt {
            lookedAt = time.tv_sec
            if let descriptor {
                var status = stat()
                if fstat(descriptor.number, &status) != 0 || status.st_nlink == 0 { self.descriptor = nil }
            }
            if descriptor == nil { try? open() }
        }
        if let maximumAge, isRegular, size > 0, Timestamp.seconds(time) - bornAt >= maximumAge { rotate() }
    }

    /// How many bytes of whole lines fit before the file is full; a single line goes into an empty file in any case.
    private func fitting(_ bytes: UnsafeRawBufferPointer) -> Int {
        let room = isRegular ? maximumSize - size : Int.max
        if bytes.count <= room { return bytes.count }
        if room > 0, let newline = bytes[..<room].lastIndex(of: UInt8(ascii: "\n")) { return newline + 1 }
        return size == 0 ? Self.firstLine(bytes) : 0
    }

    private static func firstLine(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress, let newline = memchr(base, Int32(UInt8(ascii: "\n")), bytes.count) else { return bytes.count }
        return UnsafeRawPointer(newline) + 1 - base
    }

    private func append(_ bytes: UnsafeRawBufferPointer, at time: timespec) -> LogLoss {
        let written = writeWholeLines(bytes)
        guard written < bytes.count else { return LogLoss() }
        return lose(UnsafeRawBufferPointer(rebasing: bytes[written...]), at: time)
    }

    /// What was written of a line that did not fit is taken back, so that no half line stays.
    ///
    /// - Returns: the bytes that stay.
    private func writeWholeLines(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let descriptor, let base = bytes.baseAddress else { return 0 }
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor.number, base + written, bytes.count - written)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                reason = "\(path) could not be written: \(SystemError.last("write").reason)"
                let whole = bytes[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                if whole < written { ftruncate(descriptor.number, off_t(size + whole)) }
                size += whole
                return whole
            }
            written += count
        }
        size += written
        return written
    }

    private func lose(_ lines: UnsafeRawBufferPointer, at time: timespec) -> LogLoss {
        let count = StampedLines.count(in: lines)
        var loss = LogLoss()
        loss.add(lines: count, bytes: lines.count - count * Timestamp.length, at: time)
        pending.add(loss)
        return loss
    }

    private func tellPendingLoss(_ time: timespec) -> Bool {
        guard hasPendingLoss else { return true }
        if isRegular, size >= maximumSize { rotate() }
        guard !isRegular || size <= maximumSize * Self.overrun, writeOwn(pending.notice(reason), time) else { return false }
        pending = LogLoss()
        return true
    }

    private func writeOwn(_ text: String, _ time: timespec) -> Bool {
        let stamp = timestamp.stamp(time, tag: .err)
        let line = stamp.indices.map { stamp[$0] } + Array(text.utf8) + [UInt8(ascii: "\n")]
        return line.withUnsafeBytes { writeWholeLines($0) } == line.count
    }

    /// The new file is there before the old one goes: if it cannot be made, all stays as it is.
    private func rotate() {
        let next = path + ".new"
        unlink(next)
        let result = clinux_open(next, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o640)
        guard result >= 0 else {
            reason = "\(path) is full, and the next file could not be made: \(SystemError(step: "open", number: -result).reason)"
            return
        }
        let opened = Descriptor(result)
        for number in stride(from: keep, to: 1, by: -1) { rename("\(path).\(number - 1)", "\(path).\(number)") }
        if keep > 0 { rename(path, "\(path).1") }
        guard rename(next, path) == 0 else { return }
        descriptor = opened
        size = 0
        bornAt = Timestamp.now
    }

    private func open() throws(SystemError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try Files.makeDirectory(String(path[..<slash]), mode: 0o755)
        }
        let result = clinux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
        guard result >= 0 else {
            let error = SystemError(step: "open \(path)", number: -result)
            reason = "\(path) could not be opened: \(error.reason)"
            throw error
        }
        let opened = Descriptor(result)
        var status = stat()
        guard fstat(opened.number, &status) == 0 else { throw .last("fstat \(path)") }
        isRegular = (status.st_mode & S_IFMT) == S_IFREG
        size = Int(status.st_size)
        bornAt = clinux_birth_time(opened.number)
        if bornAt <= 0 || size == 0 { bornAt = Timestamp.now }
        descriptor = opened
    }

    private func removeSurplus() {
        for number in (keep + 1)...(Self.maximumFiles + 1) where unlink("\(path).\(number)") != 0 { return }
    }

    private static func passesByItself(_ error: Int32) -> Bool {
        [ENOSPC, EDQUOT, EMFILE, ENFILE, EIO, ENOMEM].contains(error)
    }
}
