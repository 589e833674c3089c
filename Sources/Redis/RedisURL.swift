/// `redis://user:password@host:port/database`: all but the host may be left out.
struct RedisURL: Sendable, Equatable {
    var host: String
    var port: Int32 = 6379
    var user: String?
    var password: String?
    var database = 0

    init(_ text: String) throws(RedisError) {
        guard text.hasPrefix("redis://") else { throw Self.invalid("it must begin with redis:// (TLS is not supported)") }
        let location = text.dropFirst("redis://".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = location[0]
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if !credentials[0].isEmpty { user = try Self.decode(credentials[0]) }
            if credentials.count == 2 { password = try Self.decode(credentials[1]) }
            authority = authority[authority.index(after: at)...]
        }
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = Int32(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                throw Self.invalid("its port must be 1 to 65535")
            }
            port = number
            authority = authority[..<colon]
        }
        if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
        guard !authority.isEmpty else { throw Self.invalid("it names no host") }
        host = String(authority)
        if location.count == 2, !location[1].isEmpty {
            guard let number = Int(location[1]), number >= 0 else { throw Self.invalid("its path must be the database's number") }
            database = number
        }
    }

    /// For messages: without the password.
    var place: String { "the cache at \(host):\(port)" }

    /// What has to be said first on a new connection.
    var greeting: [[[UInt8]]] {
        var commands: [[String]] = []
        if let password { commands.append(["AUTH"] + (user.map { [$0] } ?? []) + [password]) }
        if database != 0 { commands.append(["SELECT", String(database)]) }
        return (commands.isEmpty ? [["PING"]] : commands).map { $0.map { Array($0.utf8) } }
    }

    private static func decode(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                    throw invalid("a % must be followed by two hexadecimal digits")
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidURL, "the cache's URL cannot be used: \(reason)")
    }
}
