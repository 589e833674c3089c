/// `X-Request-Id`: the client's own when it cannot hurt a log or a header, else a new one of 32 hexadecimal digits.
enum RequestIdentifier {
    static let longest = 128

    static func of(headers: [String], random: inout some RandomNumberGenerator) -> String {
        if headers.count == 1, isAcceptable(headers[0]) { return headers[0] }
        return Hexadecimal.text(of: 2, random: &random)
    }

    static func isAcceptable(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longest
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"): true
                default: false
                }
            }
    }
}
