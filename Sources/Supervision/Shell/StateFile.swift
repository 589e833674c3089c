import Glibc

/// Small files of the state directory, written whole or not at all.
enum StateFile {
    /// Nothing we keep is larger.
    static let maximumSize = 16 << 20

    static func write(_ bytes: some Collection<UInt8>, to path: String, mode: mode_t) throws(SupervisorError) {
        let temporary = "\(path).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("write", temporary) }
        let isWritten = append(bytes, to: descriptor) && fchmod(descriptor, mode) == 0
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let error = failure("write", path)
            unlink(temporary)
            throw error
        }
    }

    /// Nil when there is no such file.
    static func read(_ path: String) throws(SupervisorError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumSize {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            bytes += buffer[..<count]
        }
        throw SupervisorError(.stateDirectory, "\(path) is larger than \(maximumSize) bytes; that is none of ours")
    }

    /// False: `errno` has the reason.
    static func append(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if !(count < 0 && errno == EINTR) {
                return false
            }
        }
        return true
    }

    private static func failure(_ what: String, _ path: String) -> SupervisorError {
        SupervisorError(.stateDirectory, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
