extension ListenAddress {
    /// Bytes: the state directory's path comes before it, and the kernel takes 108 for both.
    private static let longestPath = 60
    static let expected = "an address such as 127.0.0.1:8080, \"[::1]:8080\" or unix:run/x.sock"

    init?(from field: Field, expected: String = Self.expected) {
        guard let text = field.nonemptyString(expected: expected) else { return nil }
        do {
            self = try ListenAddress(text)
        } catch {
            field.report("found \(field.found), expected \(expected)\(error.advice)")
            return nil
        }
    }

    private struct Mistake: Error {
        var advice = ""
    }

    private init(_ text: String) throws(Mistake) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, !path.hasSuffix("/") else { throw Mistake() }
            guard path.utf8.count <= Self.longestPath else { throw Mistake(advice: "; the path may have \(Self.longestPath) bytes") }
            guard !path.split(separator: "/").contains("..") else { throw Mistake(advice: "; leave out \"..\"") }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw Mistake(advice: Int(text).map { "; write 127.0.0.1:\($0)" } ?? "")
        }
        guard let port = Int(text[text.index(after: colon)...]), TopologyBounds.port.contains(port) else {
            throw Mistake(advice: "; a port is a number from \(TopologyBounds.port.lowerBound) to \(TopologyBounds.port.upperBound)")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." || $0 == "%" }) else { throw Mistake() }
        } else {
            guard !host.contains(":") else { throw Mistake(advice: "; put an IPv6 address in brackets") }
            guard !host.isEmpty else { throw Mistake(advice: "; write 127.0.0.1:\(port), or 0.0.0.0:\(port) for all addresses") }
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }) else { throw Mistake() }
        }
        self = .tcp(host: host, port: port)
    }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Cannot be reached from another host.
    package var isLoopback: Bool {
        switch self {
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        case .unix: true
        }
    }

    /// Whether both cannot be listened on at the same time.
    package func collides(with other: ListenAddress) -> Bool {
        guard case .tcp(let host, let port) = self, case .tcp(let otherHost, let otherPort) = other else { return self == other }
        let everywhere: Set = ["0.0.0.0", "::"]
        let isSame = host == otherHost || everywhere.contains(host) || everywhere.contains(otherHost)
        let areLocal = Set([host, otherHost]) == ["localhost", "127.0.0.1"]
        return port == otherPort && (isSame || areLocal)
    }
}
