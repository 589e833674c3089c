/// Durations as people write them: `100ms`, `1s`, `1m30s`, `2h`, `7d`.
package enum DurationText {
    private static let nanoseconds: [(unit: String, factor: Int64)] = [
        ("ms", 1_000_000), ("us", 1000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// Nil where it is not one, or longer than 292 years.
    package static func read(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = Substring(text)
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let factor = nanoseconds.first(where: { $0.unit == unit })?.factor, let part = product(digits, factor) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        } while !rest.isEmpty
        return .nanoseconds(total)
    }

    private static func product(_ digits: Substring, _ factor: Int64) -> Int64? {
        if let whole = Int64(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        guard let number = Double(digits), digits.first != ".", digits.last != "." else { return nil }
        let product = (number * Double(factor)).rounded()
        return product < 9e18 ? Int64(product) : nil
    }

    /// The shortest way to write it; what is under a microsecond is left out.
    package static func write(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if seconds == 0, attoseconds == 0 { return "0s" }
        var text = ""
        var rest = seconds
        for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(String, Int64)] where rest >= length {
            text += "\(rest / length)\(unit)"
            rest %= length
        }
        let microseconds = attoseconds / 1_000_000_000_000
        if microseconds >= 1000 { text += "\(microseconds / 1000)ms" }
        if microseconds % 1000 > 0 { text += "\(microseconds % 1000)us" }
        return text
    }
}
