extension CronExpression {
    /// Whether a run falls on the day. crontab(5): where both day fields are restricted, a day that fits either counts.
    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let isDayOfMonth = daysOfMonth.contains(date.day)
        let isDayOfWeek = daysOfWeek.contains(date.dayOfWeek)
        return isAnyDayOfMonth || isAnyDayOfWeek ? isDayOfMonth && isDayOfWeek : isDayOfMonth || isDayOfWeek
    }

    /// Whether there is any day on which it runs: not so of 31 February. Dates and days of week repeat after 28 years.
    var everRuns: Bool {
        let first = CivilDate(year: 2001, month: 1, day: 1).dayNumber
        return (first..<first + 28 * 366).contains { matches(CivilDate(dayNumber: $0)) }
    }
}
