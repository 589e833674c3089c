/// Names that nobody else has.
enum Identifier {
    /// 128 random bits in hexadecimal.
    static func random() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bits: (UInt64, UInt64) = (.random(in: .min ... .max), .random(in: .min ... .max))
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<16 {
                buffer[index] = digits[Int(bits.0 & 15)]
                buffer[index + 16] = digits[Int(bits.1 & 15)]
                bits = (bits.0 >> 4, bits.1 >> 4)
            }
            return 32
        }
    }
}
