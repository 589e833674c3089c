import NIOCore

/// One instance of a service, as it is reached.
struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    var service: String
    var instance: Int
    var host: String
    var port: Int

    /// For the `Host` field.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var description: String { "\(service)/\(instance)" }
}
