/// The W3C trace context of a request: the client's if it is well formed, else a new one.
struct TraceContext: Sendable, Equatable {
    /// What the upstream gets to see.
    var traceparent: String
    var isContinued: Bool
    /// Nil: the request is not recorded.
    var spans: RequestSpans?

    var traceID: Substring { traceparent.dropFirst(3).prefix(32) }

    /// - Parameter headers: all values of `traceparent`; two of them are none.
    init(headers: [String], random: inout some RandomNumberGenerator) {
        if headers.count == 1, Self.isValid(headers[0]) {
            traceparent = headers[0]
            isContinued = true
        } else {
            traceparent = "00-\(Hexadecimal.text(of: 2, random: &random))-\(Hexadecimal.text(of: 1, random: &random))-01"
            isContinued = false
        }
    }

    /// Version 00 exactly; a later version by its first four fields.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return false }
        let isHexadecimal = { (range: Range<Int>) in bytes[range].allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) } }
        guard isHexadecimal(0..<2), isHexadecimal(3..<35), isHexadecimal(36..<52), isHexadecimal(53..<55) else { return false }
        guard bytes[0..<2] != [0x66, 0x66], bytes[3..<35].contains(where: { $0 != 0x30 }), bytes[36..<52].contains(where: { $0 != 0x30 })
        else { return false }
        return bytes.count == 55 || (bytes[0..<2] != [0x30, 0x30] && bytes[55] == dash)
    }

    private static let dash = UInt8(ascii: "-")
}
