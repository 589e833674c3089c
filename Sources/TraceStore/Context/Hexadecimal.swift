/// Lower-case digits, as W3C Trace Context demands them.
enum Hexadecimal {
    private static func digit(_ value: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 15)
        return nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
    }

    /// - Parameter buffer: with room for 16 digits from `offset` on.
    static func write(_ value: UInt64, into buffer: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        for place in 0..<16 { buffer[offset + place] = digit(value >> UInt64((15 - place) * 4)) }
    }

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for place in 0..<16 { bytes.append(digit(value >> UInt64((15 - place) * 4))) }
    }

    /// Of up to 16 digits; nil where one is none.
    static func value(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count <= 16 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
