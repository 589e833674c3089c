/// Where a listening socket that the keeper holds listens.
package enum KeeperAddress: Codable, Sendable, Hashable {
    /// `host` is an IP address or "localhost"; port 0 takes a free one.
    case tcp(host: String, port: Int)
    /// At most 107 bytes.
    case unix(path: String)
}

extension KeeperAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
