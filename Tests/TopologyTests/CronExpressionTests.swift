import Testing

@testable import Topology

struct CronExpressionTests {
    @Test func fields() throws {
        let cron = try CronExpression("0,15-20/2 */6 1-7 JAN,jun-AUG MON-FRI")
        #expect(cron.minutes == [0, 15, 17, 19])
        #expect(cron.hours == [0, 6, 12, 18])
        #expect(cron.daysOfMonth == Set(1...7))
        #expect(cron.months == [1, 6, 7, 8])
        #expect(cron.daysOfWeek == Set(1...5))
        #expect(!cron.isAnyDayOfMonth && !cron.isAnyDayOfWeek)
        #expect(cron.text == "0,15-20/2 */6 1-7 JAN,jun-AUG MON-FRI")
    }

    @Test func everything() throws {
        let cron = try CronExpression("* * * * *")
        #expect(cron.minutes == Set(0...59) && cron.hours == Set(0...23) && cron.daysOfMonth == Set(1...31))
        #expect(cron.months == Set(1...12) && cron.daysOfWeek == Set(0...6))
        #expect(cron.isAnyDayOfMonth && cron.isAnyDayOfWeek)
    }

    @Test(arguments: [("7", [0]), ("0", [0]), ("SUN", [0]), ("5-7", [0, 5, 6]), ("FRI-SUN", [0, 5, 6]), ("0-7", [0, 1, 2, 3, 4, 5, 6])])
    func sundayIsZeroAndSeven(text: String, days: [Int]) throws {
        #expect(try CronExpression("0 0 * * \(text)").daysOfWeek == Set(days))
    }

    @Test(arguments: [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), (" @Daily ", "0 0 * * *"),
        ("0\t3  * * *", "0 3 * * *"),
    ])
    func sameAs(text: String, other: String) throws {
        let (cron, meant) = (try CronExpression(text), try CronExpression(other))
        #expect(cron.minutes == meant.minutes && cron.hours == meant.hours && cron.daysOfMonth == meant.daysOfMonth)
        #expect(cron.months == meant.months && cron.daysOfWeek == meant.daysOfWeek)
        #expect(cron.isAnyDayOfMonth == meant.isAnyDayOfMonth && cron.isAnyDayOfWeek == meant.isAnyDayOfWeek)
    }

    @Test(arguments: [
        ("", "found 0 fields"), ("daily", "found 1 field, expected five"), ("daily", "write @daily"), ("* * * *", "found 4 fields"),
        ("0 0 * * * *", "no field for seconds"), ("@reboot", "type: one-shot"),
        ("@often", "known are @hourly"), ("60 * * * *", "minute: found \"60\"; expected a number from 0 to 59"),
        ("* 24 * * *", "hour: found \"24\""), ("* * 0 * *", "day of month: found \"0\""), ("* * * 13 *", "month: found \"13\""),
        ("* * * * 8", "day of week: found \"8\""), ("* * * * MONDAY", "or one of SUN, MON"), ("MON * * * *", "minute: found \"MON\""),
        ("*/0 * * * *", "a step of \"0\""), ("*/60 * * * *", "expected one from 1 to 59"), ("*/x * * * *", "a step of \"x\""),
        ("5/15 * * * *", "write 5-59/… or */…"), ("30-10 * * * *", "30-59,0-10"), ("* * * NOV-FEB *", "11-12,1-2"),
        ("1,,2 * * * *", "found \"\""), ("1- * * * *", "found \"\""), ("-1 * * * *", "found \"\""), ("1-2-3 * * * *", "found \"2-3\""),
        ("+5 * * * *", "found \"+5\""), ("* * L * *", "found \"L\""), ("? * * * *", "found \"?\""), ("٣ * * * *", "found \"٣\""),
        ("99999999999999999999 * * * *", "expected a number"), ("*/1/2 * * * *", "a step of \"1/2\""),
    ])
    func mistakes(text: String, words: String) {
        #expect {
            try CronExpression(text)
        } throws: { error in
            (error as? CronExpression.Mistake)?.message.contains(words) == true
        }
    }

    @Test func aLongTextIsAMistake() {
        #expect(throws: CronExpression.Mistake.self) { try CronExpression(String(repeating: "1,", count: 1000) + " * * * *") }
    }

    @Test func everRuns() throws {
        for text in ["0 0 31 2 *", "0 0 30,31 FEB *", "0 0 31 4,6,9,11 *"] { #expect(try !CronExpression(text).everRuns, "\(text)") }
        // A 29 February that is a Saturday or a Sunday comes twice in 28 years.
        for text in ["0 0 29 2 *", "0 0 31 2 MON", "0 0 31 4,5 *", "0 0 29 2 */6"] { #expect(try CronExpression(text).everRuns, "\(text)") }
    }

    @Test func arbitraryTextNeverTraps() {
        var random = SplitMix(state: 7)
        let parts = ["*", "/", "-", ",", " ", "0", "7", "59", "MON", "jan", "@", "daily", "é", "\u{0}", "99999999999999999999", "  "]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<14, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            guard let cron = try? CronExpression(text) else { continue }
            _ = cron.everRuns
        }
    }
}
