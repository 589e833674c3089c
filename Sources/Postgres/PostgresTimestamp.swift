import FoundationEssentials

/// Points in time as PostgreSQL writes them with DateStyle ISO, in microseconds since 1970.
enum PostgresTimestamp {
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    /// PostgreSQL knows the years 4713 BC to 294276 AD; before the year 1 it writes differently, which this does not do.
    private static let representable: ClosedRange<Double> = -62_135_596_800.0...9_000_000_000_000.0

    static func text(of date: Date) -> String? {
        let seconds = date.timeIntervalSince1970
        guard representable.contains(seconds) else { return nil }
        let total = Int64((seconds * 1_000_000).rounded())
        let days = (total >= 0 ? total : total - microsecondsPerDay + 1) / microsecondsPerDay
        let rest = total - days * microsecondsPerDay
        let (year, month, day) = civil(fromDays: days)
        let second = rest / 1_000_000
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2)) \(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):"
            + "\(padded(second % 60, 2)).\(padded(rest % 1_000_000, 6))+00"
    }

    /// timestamptz ("2026-11-21 12:00:00.5+00"), timestamp (taken as UTC) or date.
    static func date(_ text: String) -> Date? {
        var rest = Array(text.utf8)[...]
        guard let year = number(&rest, digits: 4...6), skip(&rest, "-"), let month = number(&rest, digits: 2...2), skip(&rest, "-"),
            let day = number(&rest, digits: 2...2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var microseconds = days(year, month, day) * microsecondsPerDay
        if rest.isEmpty { return date(microseconds) }
        guard skip(&rest, " ") || skip(&rest, "T"), let hour = number(&rest, digits: 2...2), skip(&rest, ":"),
            let minute = number(&rest, digits: 2...2), skip(&rest, ":"), let second = number(&rest, digits: 2...2)
        else { return nil }
        microseconds += (hour * 3600 + minute * 60 + second) * 1_000_000
        if skip(&rest, ".") {
            let before = rest.count
            guard var fraction = number(&rest, digits: 1...6) else { return nil }
            for _ in (before - rest.count)..<6 { fraction *= 10 }
            microseconds += fraction
        }
        if rest.isEmpty || skip(&rest, "Z") { return rest.isEmpty ? date(microseconds) : nil }
        let sign: Int64 = skip(&rest, "-") ? 1 : skip(&rest, "+") ? -1 : 0
        guard sign != 0, let zoneHour = number(&rest, digits: 2...2) else { return nil }
        var zone = zoneHour * 3600
        if skip(&rest, ":"), let minute = number(&rest, digits: 2...2) { zone += minute * 60 }
        if skip(&rest, ":"), let second = number(&rest, digits: 2...2) { zone += second }
        return rest.isEmpty ? date(microseconds + sign * zone * 1_000_000) : nil
    }

    private static func date(_ microseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int64? {
        let part = rest.prefix(digits.upperBound).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard part.count >= digits.lowerBound else { return nil }
        rest = rest.dropFirst(part.count)
        return part.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Days since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
