import Foundation

/// The time of day, without the cost of a calendar.
enum WallClock {
    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000) * 1000
    }

    /// Milliseconds since 1970 at the time `duration` from now.
    static func milliseconds(in duration: Duration) -> Int64 {
        now() / 1_000_000 + duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    /// `2026-11-21T12:00:00.123Z`. The date by Howard Hinnant's `civil_from_days`.
    static func iso8601(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let (days, secondOfDay) = (seconds / 86_400, seconds % 86_400)
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(secondOfDay / 3600, 2)):"
            + "\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2)).\(padded(nanoseconds / 1_000_000 % 1000, 3))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
