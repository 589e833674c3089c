import CLinux
import Glibc
import TestSupport

/// A socket that takes entries as systemd's journal does.
final class TestJournal: Sendable {
    private let socket: Int32

    init(path: String) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else { throw TestSupportError("cannot bind \(path)") }
    }

    deinit {
        close(socket)
    }

    /// The entries that have arrived: of values without newlines only.
    func receive() -> [[String: String]] {
        var entries: [[String: String]] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while case let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
            var entry: [String: String] = [:]
            for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n") {
                guard let equals = line.firstIndex(of: "=") else { continue }
                entry[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entries.append(entry)
        }
        return entries
    }
}
