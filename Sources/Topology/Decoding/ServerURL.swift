/// The parts of a server's address that can be checked without connecting.
struct ServerURL {
    var scheme: String
    var hasPassword: Bool

    /// Nil where it is no address: `scheme://[user[:password]@]host[:port][/path][?query]`.
    init?(_ text: String) {
        guard let separator = text.firstRange(of: "://"), !text.contains(where: { $0.isWhitespace }) else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // A password may hold an unescaped "/": then what follows holds the "@".
        let beforeHost = (authority.contains("@") ? authority : rest).lastIndex(of: "@").map { rest[..<$0] }
        hasPassword = beforeHost?.contains(":") ?? false
        if let query = rest.firstIndex(of: "?"), rest[query...].lowercased().contains("password=") { hasPassword = true }
        var host = authority.contains("@") ? authority.drop { $0 != "@" }.dropFirst() : authority
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        guard !scheme.isEmpty, hasPassword || Self.isHostAndPort(host) else { return nil }
    }

    private static func isHostAndPort(_ text: Substring) -> Bool {
        var host = text
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return false }
            let port = text[text.index(after: end)...]
            return text.distance(from: text.startIndex, to: end) > 1 && (port.isEmpty || port.first == ":" && isPort(port.dropFirst()))
        }
        if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            guard isPort(text[text.index(after: colon)...]) else { return false }
        }
        return !host.isEmpty
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.allSatisfy { $0.isASCII && $0.isNumber } && Int(text).map(TopologyBounds.port.contains) ?? false
    }
}
