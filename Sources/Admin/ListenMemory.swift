import FoundationEssentials
import Glibc
import Topology

/// Where the last supervisor listened, so that the next one is back there before it has read and checked the topology.
enum ListenMemory {
    private static let maximumSize = 512

    /// - Returns: Nil unless it is a loopback address with a port of its own.
    static func load(path: String) -> ListenAddress? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= maximumSize else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: "\n")
        guard parts.count == 2, let port = Int(parts[1]), (1...65_535).contains(port), LoopbackAddress.contains(String(parts[0])) else {
            return nil
        }
        return .tcp(host: String(parts[0]), port: port)
    }

    /// A memory that cannot be kept costs the next supervisor a moment, no more.
    static func store(_ address: ListenAddress, path: String) {
        guard case .tcp(let host, let port) = address, port != 0 else {
            unlink(path)
            return
        }
        guard load(path: path) != address else { return }
        try? Data("\(host)\n\(port)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
