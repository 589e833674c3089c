enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// `words` random words of 64 bits as 16 lower-case digits each, none of them zero.
    static func text(of words: Int, random: inout some RandomNumberGenerator) -> String {
        String(unsafeUninitializedCapacity: words * 16) { buffer in
            for word in 0..<words {
                var value = max(1, random.next())
                for digit in (0..<16).reversed() {
                    buffer[word * 16 + digit] = digits[Int(value & 15)]
                    value >>= 4
                }
            }
            return words * 16
        }
    }

    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The two upper-case digits of a byte.
    static func upperCase(_ byte: UInt8) -> (UInt8, UInt8) {
        let upper = { (nibble: UInt8) in nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10 }
        return (upper(byte >> 4), upper(byte & 15))
    }
}
