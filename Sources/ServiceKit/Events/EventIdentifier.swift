/// UUIDs of version 7 (RFC 9562): they sort by the time they were made.
enum EventIdentifier {
    static func make(_ now: Timestamp = .now) -> String {
        make(milliseconds: now.milliseconds, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
    }

    /// - Parameter milliseconds: of Unix time.
    static func make(milliseconds: Int64, random: (UInt64, UInt64)) -> String {
        let high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
        let digits = hexadecimal(high) + hexadecimal(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
