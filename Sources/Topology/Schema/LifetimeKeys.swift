enum ScheduleKey: String, TopologyKey {
    case cron
    case timeZone = "time_zone"
    case overlap
    case startDeadline = "start_deadline"

    static let title = "a schedule"
    static let required: [ScheduleKey] = [.cron]

    var shape: ValueShape {
        switch self {
        case .cron, .timeZone: .text
        case .overlap: .choice(Schedule.Overlap.self)
        case .startDeadline: .duration
        }
    }

    var summary: String {
        switch self {
        case .cron: "Minute, hour, day of month, month and day of week as in crontab(5), or @hourly … @yearly."
        case .timeZone: "Of the tz database, such as Europe/Berlin; UTC if not given."
        case .overlap: "When its time comes while it still runs: skip (if not given) the new run, wait for the old one, or replace it."
        case .startDeadline: "How late a run that nothing was there to begin at its time may still begin; 60s if not given."
        }
    }
}

enum UpdateKey: String, TopologyKey {
    case overlap
    case readyWithin = "ready_within"

    static let title = "update rules"

    var shape: ValueShape {
        switch self {
        case .overlap: .boolean
        case .readyWithin: .duration
        }
    }

    var summary: String {
        switch self {
        case .overlap: "true (if not given): the new instance is ready before the old one ends. false: the old one ends first."
        case .readyWithin: "A new instance that is not ready by then has failed, and what ran before goes on; 60s if not given."
        }
    }
}
