/// 16 bytes that name a trace, never all zero.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package static let digits = 32

    package let high: UInt64
    package let low: UInt64

    /// Nil for all zeros, which name no trace (W3C Trace Context, 3.2.2.3).
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    private init(high: UInt64, nonZeroLow low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func random() -> TraceID {
        TraceID(high: RandomBits.next(), nonZeroLow: RandomBits.nextNonZero())
    }

    /// 32 lower-case hexadecimal digits; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.digits, let high = Hexadecimal.value(bytes[0..<16]), let low = Hexadecimal.value(bytes[16...]) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    package var description: String {
        String(unsafeUninitializedCapacity: Self.digits) { buffer in
            Hexadecimal.write(high, into: buffer, at: 0)
            Hexadecimal.write(low, into: buffer, at: 16)
            return Self.digits
        }
    }
}
