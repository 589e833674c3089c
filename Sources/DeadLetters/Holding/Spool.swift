import AMQP
import Glibc

/// Messages that are held, in a file without a name: it is gone with the process, however that ends, and the broker has them all.
///
/// Confined to the actor that holds the queue.
final class Spool: @unchecked Sendable {
    struct Place: Sendable {
        /// Kept as long as anything in it is referred to.
        let spool: Spool
        let offset: Int
        let length: Int
    }

    /// Bytes that are written at once.
    private static let block = 256 << 10

    private let descriptor: Int32
    private var written = 0
    private var pending: [UInt8] = []
    private(set) var isFailed = false

    /// Bytes, of what is still wanted and what is not.
    var size: Int { written + pending.count }

    init(folder: String) throws(DeadLetterError) {
        var descriptor = open(folder, O_TMPFILE_ | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            var template = Array("\(folder)/spool-XXXXXX".utf8CString)
            descriptor = mkstemp(&template)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                unlink(template)
            }
        }
        guard descriptor >= 0 else {
            throw DeadLetterError(.stateDirectory, "cannot make a file in \(folder): \(String(cString: strerror(errno)))")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// - Returns: nil when there is no room: from then on nothing is taken.
    func append(_ message: AMQPMessage) -> Place? {
        guard !isFailed else { return nil }
        let offset = size
        pending += MessageCoding.encode(message)
        let place = Place(spool: self, offset: offset, length: size - offset)
        if pending.count >= Self.block { flush() }
        return isFailed ? nil : place
    }

    func message(at place: Place) -> AMQPMessage? {
        flush()
        var bytes = [UInt8](repeating: 0, count: place.length)
        var count = 0
        while count < place.length {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: count), place.length - count, place.offset + count)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            count += got
        }
        return MessageCoding.decode(bytes)
    }

    private func flush() {
        var count = 0
        while count < pending.count, !isFailed {
            let got = pending.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: count), pending.count - count, written + count)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                isFailed = true
                return
            }
            count += got
        }
        written += count
        pending.removeAll(keepingCapacity: pending.count <= Self.block * 2)
    }
}

/// Swift's Glibc lacks it; on every Linux architecture that Swift knows it is this.
private let O_TMPFILE_: Int32 = 0o20000000 | O_DIRECTORY
