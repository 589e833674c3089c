/// An AMQP URL taken apart (https://www.rabbitmq.com/docs/uri-spec).
struct AMQPAddress: Equatable {
    var host: String
    var port: Int
    var virtualHost: String
    var user: String
    var password: String

    static let defaultPort = 5672

    init(url: String) throws(AMQPError) {
        let scheme = "amqp://"
        guard !url.lowercased().hasPrefix("amqps:") else {
            throw Self.error("TLS (amqps) is not supported; use amqp:// over loopback or through a TLS tunnel")
        }
        guard url.lowercased().hasPrefix(scheme) else { throw Self.error("it must begin with \(scheme)") }
        var rest = url.dropFirst(scheme.count)
        if let end = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) { rest = rest[..<end] }

        virtualHost = "/"
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            guard !path.contains("/") else { throw Self.error("a slash in the virtual host's name must be written %2F") }
            virtualHost = try Self.decode(path, "virtual host")
            rest = rest[..<slash]
        }

        (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decode(parts[0], "user")
            password = parts.count > 1 ? try Self.decode(parts[1], "password") : ""
            rest = rest[rest.index(after: at)...]
        }

        var portText: Substring?
        if rest.hasPrefix("[") {
            guard let bracket = rest.firstIndex(of: "]") else { throw Self.error("the address after [ has no ]") }
            host = String(rest[rest.index(after: rest.startIndex)..<bracket])
            let tail = rest[rest.index(after: bracket)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw Self.error("after ] there may only be a port") }
            if !tail.isEmpty { portText = tail.dropFirst() }
        } else {
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw Self.error("an IPv6 address must stand in [ ]") }
            host = parts.isEmpty ? "" : try Self.decode(parts[0], "host")
            if parts.count == 2 { portText = parts[1] }
        }
        if host.isEmpty { host = "localhost" }
        port = Self.defaultPort
        if let portText, !portText.isEmpty {
            guard let number = Int(portText), (1...65535).contains(number) else { throw Self.error("the port must be 1 to 65535") }
            port = number
        }
    }

    private static func decode(_ text: Substring, _ part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            else { throw error("the \(part) holds a % that is not followed by two hexadecimal digits") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw error("the \(part) is not valid UTF-8")
        }
        return decoded
    }

    /// The URL itself stays out of the message: it holds a password.
    private static func error(_ problem: String) -> AMQPError {
        AMQPError(.invalidURL, "the broker's URL cannot be used: \(problem). Expected amqp://user:password@host:port/virtual-host")
    }
}
