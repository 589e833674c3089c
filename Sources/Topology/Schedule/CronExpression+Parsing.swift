extension CronExpression {
    /// What is wrong with the text of an expression, and what to write instead.
    package struct Mistake: Error, Sendable, Equatable {
        package var message: String
    }

    /// Bytes; a list of all 60 minutes has 169.
    private static let longestText = 1000
    static let longestShown = 20
    private static let shape = "minute, hour, day of month, month and day of week, such as \"0 3 * * *\""
    private static let macros = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads the five fields of crontab(5): numbers, names of months and days, ranges, steps, lists, and `@hourly` … `@yearly`.
    package init(_ text: String) throws(Mistake) {
        guard text.utf8.count <= Self.longestText else {
            throw Mistake(message: "the expression is longer than \(Self.longestText) bytes")
        }
        let given = text.split(whereSeparator: \.isWhitespace)
        let fields = try given.count == 1 && given[0].hasPrefix("@") ? Self.fields(ofMacro: given[0].lowercased()) : given
        guard fields.count == 5 else {
            let name = "@\(text.lowercased())"
            let advice = Self.macros[name] != nil ? "; write \(name)" : fields.count == 6 ? "; there is no field for seconds or years" : ""
            throw Mistake(
                message: "found \(fields.count) \(fields.count == 1 ? "field" : "fields"), expected five: \(Self.shape)\(advice)")
        }
        self.init(
            text: text,
            minutes: try CronField.minute.values(of: fields[0]),
            hours: try CronField.hour.values(of: fields[1]),
            daysOfMonth: try CronField.dayOfMonth.values(of: fields[2]),
            months: try CronField.month.values(of: fields[3]),
            daysOfWeek: try CronField.dayOfWeek.values(of: fields[4]),
            isAnyDayOfMonth: fields[2].hasPrefix("*"),
            isAnyDayOfWeek: fields[4].hasPrefix("*"))
    }

    private static func fields(ofMacro name: String) throws(Mistake) -> [Substring] {
        if let meant = macros[name] { return meant.split(separator: " ") }
        let advice =
            name == "@reboot"
            ? "for what runs once at each start write \"type: one-shot\"" : "known are @hourly, @daily, @weekly, @monthly and @yearly"
        throw Mistake(message: "found \"\(name.prefix(longestShown))\"; \(advice)")
    }
}
