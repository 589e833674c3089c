/// Where a server is and who we are to it: what a URL says, with the password that the URL does not.
struct ServerAddress: Sendable, Equatable {
    var scheme: String
    var host: String
    var port: Int
    var user: String
    var password: String
    /// The virtual host, the database's name or number; decoded, without the slash.
    var path: String

    init(scheme: String, host: String, port: Int, user: String, password: String, path: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.path = path
    }

    /// Of a URL as the topology has it: checked already, and without a password. Nil all the same where it is none.
    init?(url: String, password: String, defaultPort: Int) {
        guard let separator = url.firstRange(of: "://") else { return nil }
        scheme = url[..<separator.lowerBound].lowercased()
        var rest = url[separator.upperBound...].prefix { $0 != "?" && $0 != "#" }
        path = ""
        if let slash = rest.firstIndex(of: "/") {
            path = Self.decode(rest[rest.index(after: slash)...])
            rest = rest[..<slash]
        }
        user = ""
        if let at = rest.lastIndex(of: "@") {
            user = Self.decode(rest[..<at].prefix { $0 != ":" })
            rest = rest[rest.index(after: at)...]
        }
        port = defaultPort
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]"), let number = Int(rest[rest.index(after: colon)...]) {
            port = number
            rest = rest[..<colon]
        }
        host = rest.hasPrefix("[") ? String(rest.dropFirst().dropLast()) : String(rest)
        self.password = password
        guard !host.isEmpty else { return nil }
    }

    var url: String { url(user: user, password: password, path: path) }

    func url(user: String, password: String, path: String) -> String {
        let credentials = user.isEmpty && password.isEmpty ? "" : "\(Self.encode(user)):\(Self.encode(password))@"
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(credentials)\(shownHost):\(port)/\(Self.encode(path))"
    }

    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return encoded
    }

    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
