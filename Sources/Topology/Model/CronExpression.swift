/// The five fields of crontab(5): minute, hour, day of month, month, day of week.
package struct CronExpression: Sendable, Equatable {
    /// As it was written.
    package let text: String
    package let minutes: Set<Int>
    package let hours: Set<Int>
    package let daysOfMonth: Set<Int>
    package let months: Set<Int>
    /// 0 is Sunday.
    package let daysOfWeek: Set<Int>
    /// crontab(5): where both day fields are restricted, a day that fits either counts.
    package let isAnyDayOfMonth: Bool
    package let isAnyDayOfWeek: Bool

    package init(
        text: String, minutes: Set<Int>, hours: Set<Int>, daysOfMonth: Set<Int>, months: Set<Int>, daysOfWeek: Set<Int>,
        isAnyDayOfMonth: Bool, isAnyDayOfWeek: Bool
    ) {
        self.text = text
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = daysOfWeek
        self.isAnyDayOfMonth = isAnyDayOfMonth
        self.isAnyDayOfWeek = isAnyDayOfWeek
    }
}
