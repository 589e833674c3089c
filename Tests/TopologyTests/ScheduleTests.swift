import Foundation
import Testing

@testable import Topology

struct ScheduleTests {
    /// Local times of the zone with their offset, such as `2026-03-29T03:00:00+02:00`.
    private func runs(_ cron: String, in zone: String = "UTC", after time: String, count: Int = 1) throws -> [String] {
        let schedule = Schedule(cron: try CronExpression(cron), timeZone: zone)
        let zone = try #require(TimeZone(identifier: zone))
        let format = Date.ISO8601FormatStyle(timeZone: zone).year().month().day().timeZone(separator: .colon).time(
            includingFractionalSeconds: false)
        var time = try Date(time, strategy: .iso8601).timeIntervalSince1970
        var result: [String] = []
        for _ in 0..<count {
            guard let next = schedule.next(after: time) else { break }
            #expect(next > time)
            result.append(Date(timeIntervalSince1970: next).formatted(format))
            time = next
        }
        return result
    }

    @Test func strictlyAfter() throws {
        #expect(try runs("0 3 * * *", after: "2026-11-21T02:59:59Z") == ["2026-11-21T03:00:00Z"])
        #expect(try runs("0 3 * * *", after: "2026-11-21T03:00:00Z") == ["2026-11-22T03:00:00Z"])
        let schedule = Schedule(cron: try CronExpression("0 3 * * *"))
        #expect(schedule.next(after: 10_799.999) == 10_800)
        #expect(schedule.next(after: 10_800.001) == 97_200)
        #expect(schedule.next(after: -1) == 10_800)
    }

    @Test func stepsAndYears() throws {
        #expect(
            try runs("*/20 23 31 12 *", after: "2026-12-31T23:10:00Z", count: 3) == [
                "2026-12-31T23:20:00Z", "2026-12-31T23:40:00Z", "2027-12-31T23:00:00Z",
            ])
        #expect(try runs("* * * * *", after: "2026-12-31T23:59:30Z", count: 2) == ["2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z"])
        #expect(try runs("0 0 * * MON", after: "2026-11-21T00:00:00Z", count: 2) == ["2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"])
    }

    /// crontab(5): "If both fields are restricted, the command will be run when either field matches."
    @Test func eitherDayFieldWhereBothAreRestricted() throws {
        #expect(
            try runs("0 0 13 * FRI", after: "2026-11-01T00:00:00Z", count: 5).map { $0.prefix(10) } == [
                "2026-11-06", "2026-11-13", "2026-11-20", "2026-11-27", "2026-12-04",
            ])
        #expect(
            try runs("0 0 1,15 * SUN", after: "2026-11-02T00:00:00Z", count: 4).map { $0.prefix(10) } == [
                "2026-11-08", "2026-11-15", "2026-11-22", "2026-11-29",
            ])
    }

    /// With a star before it a field restricts nothing by itself, and then both have to fit, as in Debian's cron.
    @Test func bothDayFieldsWhereOneBeginsWithAStar() throws {
        #expect(
            try runs("0 0 */2 * MON", after: "2026-11-01T00:00:00Z", count: 3).map { $0.prefix(10) } == [
                "2026-11-09", "2026-11-23", "2026-12-07",
            ])
    }

    @Test func leapYears() throws {
        #expect(
            try runs("0 12 29 2 *", after: "2026-01-01T00:00:00Z", count: 3).map { $0.prefix(10) } == [
                "2028-02-29", "2032-02-29", "2036-02-29",
            ])
        #expect(try runs("0 12 29 2 *", after: "2096-03-01T00:00:00Z").map { $0.prefix(10) } == ["2104-02-29"])
        #expect(try runs("0 0 1 3 *", after: "2028-02-28T00:00:00Z").map { $0.prefix(10) } == ["2028-03-01"])
    }

    @Test func aDateThatIsNeverThere() throws {
        #expect(try runs("0 0 31 2 *", after: "2026-01-01T00:00:00Z").isEmpty)
        #expect(try runs("0 0 31 */2 *", after: "2026-02-01T00:00:00Z").map { $0.prefix(10) } == ["2026-03-31"])
    }

    // In Berlin the clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October 2026.

    @Test func aTimeThatIsLeftOutIsRunWhenTheClocksArePutForward() throws {
        #expect(
            try runs("30 2 * * *", in: "Europe/Berlin", after: "2026-03-28T00:00:00Z", count: 3) == [
                "2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00",
            ])
        // Several times that are left out are one run.
        #expect(
            try runs("0,30 2,3 * * *", in: "Europe/Berlin", after: "2026-03-29T00:00:00Z", count: 3) == [
                "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00",
            ])
        #expect(
            try runs("*/30 * * * *", in: "Europe/Berlin", after: "2026-03-29T00:15:00Z", count: 3) == [
                "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00",
            ])
    }

    @Test func aTimeThatIsThereTwiceIsRunOnce() throws {
        #expect(
            try runs("30 2 * * *", in: "Europe/Berlin", after: "2026-10-24T00:00:00Z", count: 3) == [
                "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00",
            ])
        #expect(
            try runs("0,30 1-3 25 10 *", in: "Europe/Berlin", after: "2026-10-24T23:00:00Z", count: 5) == [
                "2026-10-25T01:30:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00",
                "2026-10-25T03:30:00+01:00",
            ])
        // Asked within the second 02:30 to 03:00, when both first ones are over.
        #expect(try runs("45 2 * * *", in: "Europe/Berlin", after: "2026-10-25T01:40:00Z") == ["2026-10-26T02:45:00+01:00"])
    }

    @Test func whatIsRunEveryHourLeavesNoHourOut() throws {
        #expect(
            try runs("*/30 * * * *", in: "Europe/Berlin", after: "2026-10-24T23:45:00Z", count: 6) == [
                "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00",
                "2026-10-25T03:00:00+01:00", "2026-10-25T03:30:00+01:00",
            ])
        #expect(
            try runs("@hourly", in: "Europe/Berlin", after: "2026-10-24T23:30:00Z", count: 3) == [
                "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00",
            ])
    }

    @Test func offsetsThatAreNoWholeHour() throws {
        #expect(try runs("0 3 * * *", in: "Asia/Kolkata", after: "2026-11-21T00:00:00Z") == ["2026-11-22T03:00:00+05:30"])
        // Lord Howe Island puts its clocks forward by half an hour, from 02:00 to 02:30 on 4 October 2026.
        #expect(
            try runs("15 2 * * *", in: "Australia/Lord_Howe", after: "2026-10-03T00:00:00Z", count: 2) == [
                "2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00",
            ])
    }

    /// In St. John's the clocks were put back over midnight in 2010: from 00:01 on 7 November to 23:01 on 6 November.
    @Test func clocksPutBackOverMidnight() throws {
        #expect(
            try runs("*/30 * * * *", in: "America/St_Johns", after: "2010-11-07T01:59:00Z", count: 4) == [
                "2010-11-06T23:30:00-02:30", "2010-11-07T00:00:00-02:30", "2010-11-06T23:30:00-03:30", "2010-11-07T00:00:00-03:30",
            ])
        #expect(
            try runs("0 0 * * *", in: "America/St_Johns", after: "2010-11-06T12:00:00Z", count: 2) == [
                "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30",
            ])
    }

    /// Samoa went over the date line at the end of 29 December 2011: there was no 30 December.
    @Test func aDayThatIsLeftOut() throws {
        #expect(
            try runs("0 12 * * *", in: "Pacific/Apia", after: "2011-12-29T00:00:00Z", count: 3) == [
                "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00",
            ])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, .greatestFiniteMagnitude])
    func timesThatNoClockShows(time: Double) throws {
        #expect(Schedule(cron: try CronExpression("* * * * *")).next(after: time) == nil)
    }

    @Test func aZoneThatIsNotThereHasNoRuns() throws {
        #expect(Schedule(cron: try CronExpression("* * * * *"), timeZone: "Foo/Bar").next(after: 0) == nil)
    }

    /// Each run against a search minute by minute, which knows nothing of offsets.
    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
    func agreesWithAWalkThroughTheMinutes(zone: String) throws {
        let place = try #require(TimeZone(identifier: zone))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = place
        var random = SplitMix(state: 42)
        for text in ["*/17 * * * *", "5 * * * *", "0 */2 * * *", "10,40 4-6 * * *", "0 12 1,15 * 3"] {
            let schedule = Schedule(cron: try CronExpression(text), timeZone: zone)
            let isEveryHour = schedule.cron.hours.count == 24
            for _ in 0..<12 {
                let start = 1_767_225_600 + Int.random(in: 0..<365 * 86_400, using: &random)
                let found = try #require(schedule.next(after: Double(start)))
                guard isEveryHour || found - Double(start) < 2 * 86_400 else { continue }
                var minute = (start / 60 + 1) * 60
                while !matches(schedule.cron, minute, calendar) { minute += 60 }
                #expect(found == Double(minute), "\(text) in \(zone) after \(start)")
            }
        }
    }

    private func matches(_ cron: CronExpression, _ second: Int, _ calendar: Calendar) -> Bool {
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: Double(second)))
        guard let year = parts.year, let month = parts.month, let day = parts.day, let hour = parts.hour, let minute = parts.minute
        else { return false }
        return cron.minutes.contains(minute) && cron.hours.contains(hour) && cron.matches(CivilDate(year: year, month: month, day: day))
    }

    @Test func daysAreThoseOfTheCalendar() {
        for number in stride(from: -200_000, through: 200_000, by: 37) {
            #expect(CivilDate(dayNumber: number).dayNumber == number)
        }
        #expect(CivilDate(dayNumber: 0) == CivilDate(year: 1970, month: 1, day: 1))
        #expect(CivilDate(year: 2000, month: 2, day: 29).dayNumber == 11_016)
        #expect(CivilDate(year: 2026, month: 11, day: 21).dayOfWeek == 6)
        #expect(CivilDate(year: 1969, month: 12, day: 31).dayOfWeek == 3)
    }
}
