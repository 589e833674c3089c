import CHiredis
import Glibc

/// A `redisContext`, freed when this is gone.
struct RedisHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<redisContext>

    /// Begins to connect, without waiting.
    init?(host: String, port: Int32) {
        guard let pointer = redisConnectNonBlock(host, port) else { return nil }
        self.pointer = pointer
    }

    deinit {
        redisFree(pointer)
    }
}

extension UnsafeMutablePointer where Pointee == redisContext {
    var hasFailed: Bool { pointee.err != 0 }

    var errorMessage: String {
        withUnsafeBytes(of: pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The outcome of a connect that was not waited for.
    var socketError: Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(pointee.fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
    }

    func append(_ command: [[UInt8]]) -> Bool {
        let bytes = command.flatMap { $0 }
        let lengths = command.map(\.count)
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            // An empty argument at the end may have no address at all: its length is 0 and it is not read.
            var arguments = lengths.map { length in
                defer { offset += length }
                return buffer.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
            }
            return redisAppendCommandArgv(self, Int32(arguments.count), &arguments, lengths) == REDIS_OK
        }
    }
}
