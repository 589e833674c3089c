import FoundationEssentials

/// A moment in whole microseconds of Unix time, and its RFC 3339 text. Foundation's formats stop at milliseconds.
struct Timestamp: Sendable, Equatable, CustomStringConvertible {
    static let microsecondsASecond: Int64 = 1_000_000
    private static let secondsADay: Int64 = 86_400

    var microseconds: Int64

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    init(_ date: Date) {
        let value = (date.timeIntervalSince1970 * Double(Self.microsecondsASecond)).rounded()
        microseconds = Int64(exactly: value) ?? 0
    }

    /// 1970 for a number of seconds that no microseconds can hold.
    init(seconds: Int64) {
        let (product, isOverflow) = seconds.multipliedReportingOverflow(by: Self.microsecondsASecond)
        microseconds = isOverflow ? 0 : product
    }

    static var now: Timestamp { Timestamp(Date.now) }

    var date: Date { Date(timeIntervalSince1970: Double(microseconds) / Double(Self.microsecondsASecond)) }
    var seconds: Int64 { microseconds.floorDivided(by: Self.microsecondsASecond) }
    var milliseconds: Int64 { microseconds.floorDivided(by: 1000) }

    /// 2026-11-21T12:00:00.123456Z
    var description: String {
        let seconds = seconds
        let fraction = microseconds - seconds * Self.microsecondsASecond
        let day = seconds.floorDivided(by: Self.secondsADay)
        let second = seconds - day * Self.secondsADay
        let (year, month, dayOfMonth) = Self.civil(day: day)
        func digits(_ value: Int64, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(dayOfMonth, 2))"
            + "T\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2)).\(digits(fraction, 6))Z"
    }

    /// RFC 3339, with or without a fraction, in UTC or with an offset; nil where it is none.
    init?(_ text: String) {
        var rest = text.utf8[...]
        func number(_ count: Int) -> Int64? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        func take(_ characters: String) -> Character? {
            guard let first = rest.first, characters.utf8.contains(first) else { return nil }
            rest = rest.dropFirst()
            return Character(UnicodeScalar(first))
        }
        guard let year = number(4), take("-") != nil, let month = number(2), take("-") != nil, let day = number(2), take("Tt ") != nil,
            let hour = number(2), take(":") != nil, let minute = number(2), take(":") != nil, let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction: Int64 = 0
        if take(".") != nil {
            let digits = rest.prefix { (48...57).contains($0) }
            guard !digits.isEmpty else { return nil }
            fraction = (0..<6).reduce(0) { value, place in
                value * 10 + (place < digits.count ? Int64(digits[digits.index(digits.startIndex, offsetBy: place)] - 48) : 0)
            }
            rest = rest.dropFirst(digits.count)
        }
        var offset: Int64 = 0
        if take("Zz") == nil {
            guard let sign = take("+-"), let hours = number(2), take(":") != nil, let minutes = number(2) else { return nil }
            offset = (hours * 60 + minutes) * 60 * (sign == "-" ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = Self.day(year: year, month: month, day: day) * Self.secondsADay + hour * 3600 + minute * 60 + second - offset
        microseconds = seconds * Self.microsecondsASecond + fraction
    }

    // Howard Hinnant, "chrono-compatible low-level date algorithms": civil_from_days and days_from_civil.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
