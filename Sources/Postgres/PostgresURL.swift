/// `postgres://role:password@host:port/database?sslmode=…`, as libpq's keywords.
struct PostgresURL: Sendable, Equatable {
    var host = "127.0.0.1"
    var port = 5432
    var user = ""
    var password: String?
    var database = ""
    /// What may follow the question mark; `host` may be a folder with a Unix socket.
    var options: [String: String] = [:]

    static let knownOptions: Set<String> = [
        "host", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "channel_binding",
    ]

    init(_ text: String) throws(PostgresError) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: { text.hasPrefix($0) }) else {
            throw Self.invalid("it must begin with postgres://")
        }
        let parts = text.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = location[0]
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decode(credentials[0])
            if credentials.count == 2 { password = try Self.decode(credentials[1]) }
            authority = authority[authority.index(after: at)...]
        }
        try readHost(authority)
        if location.count == 2 { database = try Self.decode(location[1]) }
        guard !user.isEmpty else { throw Self.invalid("it names no role: postgres://ROLE:PASSWORD@HOST:PORT/DATABASE") }
        if database.isEmpty { database = user }
        if parts.count == 2 { try readOptions(parts[1]) }
    }

    private mutating func readHost(_ authority: Substring) throws(PostgresError) {
        var name = authority
        var portText: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            if rest.hasPrefix(":") { portText = rest.dropFirst() }
        } else if let colon = authority.lastIndex(of: ":") {
            name = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        if !name.isEmpty { host = try Self.decode(name) }
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else { throw Self.invalid("its port must be 1 to 65535") }
            port = number
        }
    }

    private mutating func readOptions(_ text: Substring) throws(PostgresError) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(parts[0])
            guard parts.count == 2, Self.knownOptions.contains(name) else {
                throw Self.invalid("it has the unknown option \"\(name)\"; known are \(Self.knownOptions.sorted().joined(separator: ", "))")
            }
            options[name] = try Self.decode(parts[1])
        }
    }

    /// For error messages: without the password.
    var place: String {
        let host = options["host"] ?? host
        return "the database \"\(database)\" at \(host.hasPrefix("/") ? "\(host) (port \(port))" : "\(host):\(port)") as role \"\(user)\""
    }

    /// As `PQconnectStartParams` takes them.
    func keywords(applicationName: String) -> [(String, String)] {
        var keywords: [String: String] = [
            "host": host, "port": String(port), "user": user, "dbname": database, "application_name": applicationName,
            "client_encoding": "UTF8", "gssencmode": "disable",
            // What the decoding relies on, whatever the server's or the role's settings.
            "options": "-c DateStyle=ISO -c TimeZone=UTC -c bytea_output=hex -c IntervalStyle=postgres",
            // Seconds and milliseconds after which a peer that is silent counts as gone.
            "keepalives_idle": "30", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
        ]
        // On loopback the attempt at TLS would only cost a round trip.
        if host == "127.0.0.1" || host == "::1" || host == "localhost" { keywords["sslmode"] = "disable" }
        if let password { keywords["password"] = password }
        keywords.merge(options) { _, given in given }
        return keywords.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func decode(_ text: Substring) throws(PostgresError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), value != 0 else {
                    throw invalid("a % must be followed by two hexadecimal digits")
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { throw invalid("it holds a NUL character") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func invalid(_ reason: String) -> PostgresError {
        PostgresError(.invalidURL, "the database's URL cannot be used: \(reason)")
    }
}
