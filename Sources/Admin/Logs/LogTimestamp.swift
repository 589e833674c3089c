import Glibc

/// The time at the head of a line, to the microsecond, in eight bytes that sort as the times do.
struct LogTimestamp: Sendable, Hashable, Comparable {
    /// Bytes of `2026-11-21T12:00:00.123456Z`.
    static let length = 27
    static let none = LogTimestamp(value: 0)

    /// Year, month, day, hour, minute, second and microsecond as the digits of one number of mixed radix; 0: no time.
    let value: UInt64

    init(value: UInt64) { self.value = value }

    /// - Returns: Nil when the bytes are no such time. What they say of day and month is not checked: the keeper wrote them.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.length, bytes[10] == UInt8(ascii: "T"), bytes[26] == UInt8(ascii: "Z") else { return nil }
        var isValid = true
        func number(_ range: Range<Int>) -> UInt64 {
            var number: UInt64 = 0
            for index in range {
                let digit = bytes[index] &- UInt8(ascii: "0")
                if digit > 9 { isValid = false }
                number = number &* 10 &+ UInt64(digit)
            }
            return number
        }
        let days = (number(0..<4) * 13 + number(5..<7)) * 32 + number(8..<10)
        let seconds = ((days * 24 + number(11..<13)) * 60 + number(14..<16)) * 61 + number(17..<19)
        value = seconds * 1_000_000 + number(20..<26)
        guard isValid else { return nil }
    }

    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, let parsed = bytes.withUnsafeBytes(LogTimestamp.init) else { return nil }
        self = parsed
    }

    init(secondsSince1970: Double) {
        let bounded = min(max(secondsSince1970, 0), 200_000_000_000)
        var time = time_t(bounded)
        var parts = tm()
        gmtime_r(&time, &parts)
        let days = (UInt64(max(0, Int(parts.tm_year) + 1900)) * 13 + UInt64(parts.tm_mon) + 1) * 32 + UInt64(parts.tm_mday)
        let seconds = ((days * 24 + UInt64(parts.tm_hour)) * 60 + UInt64(parts.tm_min)) * 61 + UInt64(parts.tm_sec)
        // A double holds a microsecond of our days, but not to the letter.
        value = seconds * 1_000_000 + UInt64(min(((bounded - Double(time)) * 1_000_000).rounded(), 999_999))
    }

    static var now: LogTimestamp { LogTimestamp(secondsSince1970: LogTime.now) }

    static func < (one: LogTimestamp, other: LogTimestamp) -> Bool { one.value < other.value }

    /// ISO 8601 with microseconds; empty for none.
    var text: String {
        guard value > 0 else { return "" }
        var rest = value
        func take(_ radix: UInt64, _ width: Int) -> String {
            defer { rest /= radix }
            let digits = String(rest % radix)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let microsecond = take(1_000_000, 6)
        let second = take(61, 2)
        let minute = take(60, 2)
        let hour = take(24, 2)
        let day = take(32, 2)
        let month = take(13, 2)
        return "\(take(10_000, 4))-\(month)-\(day)T\(hour):\(minute):\(second).\(microsecond)Z"
    }
}
