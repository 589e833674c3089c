import Foundation

/// How far the clocks of a place are ahead of UTC around one day: one offset, or two with the moment at which the second begins.
struct ClockOffsets {
    /// Seconds.
    private let before: Int
    private let after: Int
    /// Seconds since 1970, the first at which `after` holds.
    private let change: Int

    /// A day of a tz database's place has at most one change; the nearest two since 1970 are seven days apart.
    ///
    /// - Parameters:
    ///   - dayNumber: days since 1 January 1970, as the place's calendar has them.
    ///   - offset: seconds ahead of UTC at so many seconds since 1970.
    init(around dayNumber: Int, offset: (Int) -> Int) {
        // No place is further than a day from UTC.
        var low = (dayNumber - 1) * 86_400
        var high = (dayNumber + 2) * 86_400
        (before, after) = (offset(low), offset(high))
        guard before != after else {
            change = .max
            return
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if offset(middle) == before { low = middle } else { high = middle }
        }
        change = high
    }

    /// When the clocks show a time: once, or twice where they are put back. A time that they leave out is taken to be the moment at which
    /// they are put forward.
    ///
    /// - Parameter local: what they show, as seconds since 1970 would be counted in UTC.
    func moments(of local: Int) -> (first: Int, second: Int?) {
        let early = local - before
        let late = local - after
        switch (early < change, late >= change) {
        case (true, true): return (early, late)
        case (true, false): return (early, nil)
        case (false, true): return (late, nil)
        case (false, false): return (change, nil)
        }
    }
}

extension ClockOffsets {
    static var timeZones: [String] { ["UTC"] + TimeZone.knownTimeZoneIdentifiers }

    /// Of the names of the tz database those that mean a place: Foundation takes `PST` and `GMT+3` too, whose clocks are nobody's.
    static func isTimeZone(_ name: String) -> Bool {
        name == "UTC" || name.contains("/") && TimeZone(identifier: name) != nil
    }

    /// The offset at each time in a place of the tz database; nil where there is no such place.
    static func offset(in timeZone: String) -> ((Int) -> Int)? {
        if timeZone == "UTC" { return { _ in 0 } }
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        return { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
    }
}
