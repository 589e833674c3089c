/// 8 bytes that name a span within its trace, never all zero.
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    package static let digits = 16

    package let value: UInt64

    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    private init(nonZero value: UInt64) { self.value = value }

    package static func random() -> SpanID { SpanID(nonZero: RandomBits.nextNonZero()) }

    /// 16 lower-case hexadecimal digits; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.digits, let value = Hexadecimal.value(bytes[...]) else { return nil }
        self.init(value)
    }

    package var description: String {
        String(unsafeUninitializedCapacity: Self.digits) { buffer in
            Hexadecimal.write(value, into: buffer, at: 0)
            return Self.digits
        }
    }
}
