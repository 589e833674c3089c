import Admin
import Glibc

/// Times of the admin endpoint, in UTC, as a person at this terminal reads a clock.
enum LocalTime {
    enum Format {
        /// `12:00:00.123`
        case log
        /// `12:00:00`, with the day before it when it is not today.
        case story
    }

    /// - Returns: Nil when it is no time.
    static func text(_ iso8601: String, format: Format) -> String? {
        guard let seconds = LogTime.parse(iso8601, now: 0, isLocal: false), !iso8601.isEmpty else { return nil }
        let parts = local(seconds)
        switch format {
        case .log: return strftime("%H:%M:%S", parts) + "." + padded(Int(seconds * 1000) % 1000, 3)
        case .story:
            let today = local(LogTime.now)
            let isToday = today.tm_year == parts.tm_year && today.tm_yday == parts.tm_yday
            return strftime(isToday ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", parts)
        }
    }

    /// `12:00:00.123` of a time in seconds since 1970.
    static func clock(seconds: Double) -> String {
        strftime("%H:%M:%S", local(seconds)) + "." + padded(Int((seconds * 1000).rounded()) % 1000, 3)
    }

    private static func local(_ seconds: Double) -> tm {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        return parts
    }

    private static func strftime(_ format: String, _ parts: tm) -> String {
        var parts = parts
        var buffer = [CChar](repeating: 0, count: 64)
        let count = Glibc.strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
