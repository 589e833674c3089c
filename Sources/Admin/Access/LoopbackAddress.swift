/// Which host names and addresses never leave this machine.
enum LoopbackAddress {
    /// - Parameter host: as in a topology's `listen`: `127.0.0.1`, `::1`, `localhost`.
    static func contains(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// - Parameter authority: a Host header: `localhost:9900`, `[::1]:9900`.
    static func containsAuthority(_ authority: String) -> Bool {
        guard authority.hasPrefix("[") else {
            return contains(String(authority.prefix { $0 != ":" }))
        }
        let rest = authority.dropFirst()
        guard let end = rest.firstIndex(of: "]") else { return false }
        return contains(String(rest[..<end]))
    }
}
