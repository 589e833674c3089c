import Glibc

/// `2026-11-21T12:00:00.123456Z`, made many times a second: date and time of day are formatted once a second.
struct Timestamp {
    private var second: time_t = -1
    private var prefix: [UInt8] = []

    /// Unix seconds, now.
    static var now: Double {
        let time = realTime()
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func realTime() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    mutating func format(_ time: timespec) -> [UInt8] {
        if time.tv_sec != second {
            second = time.tv_sec
            var seconds = time.tv_sec
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
            let (hour, minute, second) = (Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
            prefix = Self.digits(year, 4) + [UInt8(ascii: "-")] + Self.digits(month, 2) + [UInt8(ascii: "-")] + Self.digits(day, 2)
            prefix += [UInt8(ascii: "T")] + Self.digits(hour, 2) + [UInt8(ascii: ":")] + Self.digits(minute, 2) + [UInt8(ascii: ":")]
            prefix += Self.digits(second, 2) + [UInt8(ascii: ".")]
        }
        return prefix + Self.digits(time.tv_nsec / 1000, 6) + [UInt8(ascii: "Z")]
    }

    private static func digits(_ number: Int, _ count: Int) -> [UInt8] {
        var rest = number
        var digits = [UInt8](repeating: 0, count: count)
        for index in digits.indices.reversed() {
            digits[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return digits
    }
}
