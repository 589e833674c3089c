import NIOHTTP1

/// A request's target in one canonical form, the same for matching, rewriting and sending on: what two readers could take for two different
/// paths is refused.
struct RequestTarget: Sendable, Equatable {
    /// Starts with `/`. Unreserved characters are decoded, other escapes have upper-case digits. It has no segment `.` or `..`, however
    /// written, and no escaped slash, backslash or control character.
    var path: String
    /// As it came, without the `?`.
    var query: String?
    /// Of a target in absolute form; it outranks the `Host` field.
    var authority: String?

    init(path: String, query: String? = nil, authority: String? = nil) {
        self.path = path
        self.query = query
        self.authority = authority
    }

    init(parsing target: String, longest: Int) throws(Problem) {
        guard target.utf8.count <= longest else { throw Problem(.uriTooLong, "the request target is longer than \(longest) bytes") }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Problem(.badRequest, "the request target has a character that must be percent-encoded")
        }
        var rest = Substring(target)
        for scheme in ["http://", "https://"] where rest.prefix(scheme.count).equalsIgnoringCase(scheme) {
            rest = rest.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
            if rest.first != "/" { rest = "/" + rest }
            break
        }
        guard rest.first == "/" else { throw Problem(.badRequest, "the request target must be a path that starts with /") }
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw Problem(.badRequest, "the request target has a fragment") }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        path = try Self.canonicalPath(rest)
    }

    private static func canonicalPath(_ path: Substring) throws(Problem) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(path.utf8.count)
        var bytes = path.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = bytes.next().flatMap(Hexadecimal.value), let low = bytes.next().flatMap(Hexadecimal.value) else {
                    throw Problem(.badRequest, "the path has a % that is not followed by two hexadecimal digits")
                }
                let decoded = high << 4 | low
                if isUnreserved(decoded) {
                    result.append(decoded)
                } else if decoded < 0x20 || decoded == 0x7f || decoded == UInt8(ascii: "/") || decoded == UInt8(ascii: "\\") {
                    throw Problem(.badRequest, "the path has an escaped slash, backslash or control character")
                } else {
                    let digits = Hexadecimal.upperCase(decoded)
                    result += [UInt8(ascii: "%"), digits.0, digits.1]
                }
            case UInt8(ascii: "\\"):
                throw Problem(.badRequest, "the path has a backslash")
            default:
                result.append(byte)
            }
        }
        guard !hasDotSegment(result) else { throw Problem(.badRequest, "the path has a segment . or ..") }
        return String(decoding: result, as: UTF8.self)
    }

    /// RFC 3986, section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// `..;x` counts too: servers that cut parameters off a segment would see `..`.
    private static func hasDotSegment(_ path: [UInt8]) -> Bool {
        path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true).contains { segment in
            let name = segment.prefix { $0 != UInt8(ascii: ";") }
            return name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
        }
    }
}
