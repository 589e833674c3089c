import Glibc

/// A time as a person names it.
package enum LogTime {
    /// - Parameters:
    ///   - text: a stretch before now (`10m`, `1h30m`, `2d`), an ISO 8601 time (`2026-11-21T12:00:00Z`, `+01:00`, `2026-11-21 12:00`), a day
    ///     (`2026-11-21`) or a time of today (`12:00`).
    ///   - now: seconds since 1970.
    ///   - isLocal: what has no time zone is meant in this process's; else in UTC.
    /// - Returns: seconds since 1970; nil when it is no time.
    package static func parse(_ text: String, now: Double, isLocal: Bool) -> Double? {
        if let before = stretch(text) { return now - before }
        return instant(text, now: now, isLocal: isLocal)
    }

    /// Seconds since 1970.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    /// ISO 8601 in UTC, with microseconds.
    package static func text(_ secondsSince1970: Double) -> String { LogTimestamp(secondsSince1970: secondsSince1970).text }

    /// Seconds of `1h30m`.
    private static func stretch(_ text: String) -> Double? {
        var rest = Substring(text)
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let count = Double(number), count.isFinite else { return nil }
            switch unit {
            case "ms": total += count / 1000
            case "s": total += count
            case "m", "min": total += count * 60
            case "h": total += count * 3600
            case "d": total += count * 86_400
            case "w": total += count * 604_800
            default: return nil
            }
        }
        return total
    }

    private static func instant(_ text: String, now: Double, isLocal: Bool) -> Double? {
        var parts = tm()
        var seconds = time_t(now)
        if isLocal { localtime_r(&seconds, &parts) } else { gmtime_r(&seconds, &parts) }
        parts.tm_sec = 0
        parts.tm_isdst = -1
        var rest = Substring(text)
        let hasDate = readDate(&rest, into: &parts)
        if hasDate {
            parts.tm_hour = 0
            parts.tm_min = 0
            if !rest.isEmpty {
                guard rest.count > 1, rest.first == "T" || rest.first == " " else { return nil }
                rest.removeFirst()
            }
        }
        var fraction = 0.0
        if !rest.isEmpty {
            guard let read = readClock(&rest, into: &parts) else { return nil }
            fraction = read
        } else if !hasDate {
            return nil
        }
        guard let offset = readZone(rest) else { return nil }
        switch offset {
        case .some(let seconds): return Double(timegm(&parts) - seconds) + fraction
        case .none: return Double(isLocal ? mktime(&parts) : timegm(&parts)) + fraction
        }
    }

    private static func readDate(_ rest: inout Substring, into parts: inout tm) -> Bool {
        let fields = rest.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard rest.count >= 10, fields.count == 3, fields[0].count == 4, let year = Int32(fields[0]), let month = Int32(fields[1]),
            let day = Int32(fields[2]), (1970...2200).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return false }
        parts.tm_year = year - 1900
        parts.tm_mon = month - 1
        parts.tm_mday = day
        rest = rest.dropFirst(10)
        return true
    }

    /// - Returns: the fraction of the second; nil when there is no time of day.
    private static func readClock(_ rest: inout Substring, into parts: inout tm) -> Double? {
        let clock = rest.prefix { $0.isNumber || $0 == ":" || $0 == "." }
        rest = rest.dropFirst(clock.count)
        let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), let hour = Int32(fields[0]), let minute = Int32(fields[1]), (0...24).contains(hour),
            (0...59).contains(minute), let second = Double(fields.count == 3 ? String(fields[2]) : "0"), (0..<61).contains(second)
        else { return nil }
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = Int32(second)
        return second - Double(Int(second))
    }

    /// - Returns: seconds east of Greenwich; nil in it: not given; nil itself: not understood.
    private static func readZone(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        if text == "Z" || text == "z" { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard let sign = text.first, sign == "+" || sign == "-", digits.count == 4, let number = Int(digits) else { return nil }
        return (number / 100 * 3600 + number % 100 * 60) * (sign == "-" ? -1 : 1)
    }
}
