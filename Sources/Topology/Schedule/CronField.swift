/// One of the five fields of crontab(5).
enum CronField: CaseIterable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    var title: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    /// What may be written: 7 is Sunday too.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// What `*` stands for.
    var all: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : range }

    /// The first is that of `range.lowerBound`.
    private var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    private var expected: String {
        let numbers = "a number from \(range.lowerBound) to \(range.upperBound)"
        return names.isEmpty ? numbers : "\(numbers) or one of \(names.joined(separator: ", "))"
    }

    /// The values of a list such as `0,10-20/5`, and of `*` and `*/5`. Sunday is 0 however it is written.
    func values(of text: Substring) throws(CronExpression.Mistake) -> Set<Int> {
        var values: Set<Int> = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = try parts.count == 2 ? step(parts[1]) : 1
            let span = try range(of: parts.first ?? entry, hasStep: parts.count == 2)
            for value in stride(from: span.lowerBound, through: span.upperBound, by: step) {
                values.insert(self == .dayOfWeek && value == 7 ? 0 : value)
            }
        }
        return values
    }

    private func range(of text: Substring, hasStep: Bool) throws(CronExpression.Mistake) -> ClosedRange<Int> {
        if text == "*" { return all }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(of: ends.first ?? text)
        guard ends.count == 2 else {
            if hasStep {
                throw mistake("found \"\(text)/…\": a step needs a range", "write \(text)-\(all.upperBound)/… or */…")
            }
            return first...first
        }
        var last = try value(of: ends[1])
        // FRI-SUN: Sunday ends a week as well as it begins one.
        if self == .dayOfWeek, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw mistake(
                "the range \"\(text)\" runs backwards", "write it as two: \(first)-\(all.upperBound),\(all.lowerBound)-\(last)")
        }
        return first...last
    }

    private func value(of text: Substring) throws(CronExpression.Mistake) -> Int {
        if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        guard let number = number(text), range.contains(number) else {
            throw mistake("found \"\(text.prefix(CronExpression.longestShown))\"", "expected \(expected)")
        }
        return number
    }

    private func step(_ text: Substring) throws(CronExpression.Mistake) -> Int {
        let steps = 1...(all.count - 1)
        guard let step = number(text), steps.contains(step) else {
            throw mistake(
                "found a step of \"\(text.prefix(CronExpression.longestShown))\"",
                "expected one from 1 to \(steps.upperBound): each \(title) field begins anew")
        }
        return step
    }

    private func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    private func mistake(_ found: String, _ advice: String) -> CronExpression.Mistake {
        CronExpression.Mistake(message: "\(title): \(found); \(advice)")
    }
}
