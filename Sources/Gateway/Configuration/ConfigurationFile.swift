import Foundation
import Glibc
import Logging
import Topology

/// The file in which the supervisor keeps the gateway's configuration. It is replaced as a whole, never written in place.
struct ConfigurationFile: Sendable {
    /// How often the file is looked at: one stat(2), which costs less than a watch on the folder would in code.
    static let period = Duration.milliseconds(50)
    static let largest = 16 << 20

    let path: String
    let logger: Logger

    /// Tells one version of the file from another.
    struct Version: Equatable {
        var inode: UInt64
        var size: Int64
        /// The time's bytes: only their being the same matters.
        var modified: [UInt8]
    }

    var version: Version? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Version(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), modified: withUnsafeBytes(of: status.st_mtim) { Array($0) })
    }

    /// Nil when there is none or it is broken, which is logged.
    func read() -> GatewayConfiguration? {
        guard let version else { return nil }
        do {
            guard version.size <= Self.largest else {
                throw GatewayError(.invalidConfiguration, "it has \(version.size) bytes, more than \(Self.largest)")
            }
            let configuration = try JSONDecoder().decode(GatewayConfiguration.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            try Self.check(configuration)
            return configuration
        } catch {
            logger.error("\(path) is not a gateway configuration; what was in force before stays: \(error)")
            return nil
        }
    }

    private static func check(_ configuration: GatewayConfiguration) throws {
        for route in configuration.routes where route.path.first != "/" || route.timeout <= .zero {
            throw GatewayError(.invalidConfiguration, "the route \(route.path) needs a path that starts with / and a timeout above zero")
        }
        for upstream in configuration.instances.values.joined() where !(1...65535).contains(upstream.port) {
            throw GatewayError(.invalidConfiguration, "\(upstream.port) is not a port")
        }
    }

    /// Hands over each new version of the file until the task is cancelled, the present one first.
    func watch(_ changed: (GatewayConfiguration) async -> Void) async {
        var seen: Version?
        repeat {
            let version = self.version
            if version != nil, version != seen {
                seen = version
                if let configuration = read() { await changed(configuration) }
            }
        } while (try? await Task.sleep(for: Self.period)) != nil
    }
}
