import HTTPClient

/// Where the management API is: `http://host:15672`, perhaps with a path before `/api`.
struct ManagementURL: Sendable, Equatable {
    static let defaultPort = 15672

    var address: HTTPClient.Address
    var prefix: String

    init(_ text: String) throws(BrokerError) {
        let invalid = BrokerError(.invalidURL, "\"\(text)\" is no address of a management API; write it as http://host:15672")
        guard text.hasPrefix("http://") else { throw invalid }
        let rest = text.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        guard let (host, port) = Self.hostAndPort(authority), !path.contains("?"), !path.contains("#") else { throw invalid }
        address = .tcp(host: host, port: port ?? Self.defaultPort)
        prefix = path
    }

    /// The API of a broker whose AMQP address is known: on the same host, at the usual port.
    static func beside(brokerURL: String) -> String? {
        guard let scheme = brokerURL.firstRange(of: "://") else { return nil }
        let authority = brokerURL[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let (name, _) = hostAndPort(host) else { return nil }
        return name.contains(":") ? "http://[\(name)]:\(defaultPort)" : "http://\(name):\(defaultPort)"
    }

    private static func hostAndPort(_ text: Substring) -> (String, Int?)? {
        var host = text
        var port: Substring?
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        guard let port else { return (String(host), nil) }
        guard let number = Int(port), (1...65535).contains(number) else { return nil }
        return (String(host), number)
    }
}
