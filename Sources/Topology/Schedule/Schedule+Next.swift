extension Schedule {
    /// Days that are looked at: 29 February may be 8 years away.
    private static let horizon = 8 * 366
    /// Seconds since 1970 beyond which no clock is meant; some 3,000 years.
    private static let latest = 1e11

    /// When the next run is due, strictly after a time. Both in seconds since 1970.
    ///
    /// A time that the clocks leave out when they are put forward is run at the moment when they are. A time that they show twice is run the
    /// first time; only an expression for every hour runs in both, so that `*/5 * * * *` leaves no hour out.
    ///
    /// - Returns: nil where there is none within eight years.
    package func next(after time: Double) -> Double? {
        guard time.isFinite, abs(time) < Self.latest, let offset = ClockOffsets.offset(in: timeZone) else { return nil }
        let second = Int(time.rounded(.down))
        let today = Int(((time + Double(offset(second))) / 86_400).rounded(.down))
        let hours = cron.hours.sorted()
        let minutes = cron.minutes.sorted()
        for day in (today - 1)...(today + Self.horizon) {
            guard let found = first(after: second, on: day, hours, minutes, offset) else { continue }
            // Clocks put back over midnight show the end of this day again after the beginning of the next.
            let next = first(after: second, on: day + 1, hours, minutes, offset)
            return Double(next.map { min(found, $0) } ?? found)
        }
        return nil
    }

    private func first(after second: Int, on day: Int, _ hours: [Int], _ minutes: [Int], _ offset: (Int) -> Int) -> Int? {
        guard cron.matches(CivilDate(dayNumber: day)) else { return nil }
        let offsets = ClockOffsets(around: day, offset: offset)
        let isEveryHour = hours.count == 24
        var best: Int?
        for hour in hours {
            for minute in minutes {
                let moments = offsets.moments(of: day * 86_400 + hour * 3600 + minute * 60)
                for moment in [moments.first, isEveryHour ? moments.second : nil].compactMap(\.self) where moment > second {
                    if best.map({ moment < $0 }) ?? true { best = moment }
                }
                // First moments come in their order: none that follows is sooner, unless the clocks are put back.
                if let best, moments.first > second, !isEveryHour || moments.second == nil && moments.first >= best { return best }
            }
        }
        return best
    }
}
