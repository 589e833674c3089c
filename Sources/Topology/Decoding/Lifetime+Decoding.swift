extension Lifetime {
    init(type: Field?, schedule: Field?) {
        let given = type?.choice(ServiceType.self)
        if let schedule {
            type?.report("a schedule says already how long it runs: until it ends, at each of its times; remove type, or schedule")
            self = Schedule(from: schedule).map { .scheduled($0) } ?? .once
        } else {
            self = given == .oneShot ? .once : .continuous
        }
    }

    /// For a person.
    var title: String {
        switch self {
        case .continuous: "a service"
        case .once: "a one-shot"
        case .scheduled: "a service with a schedule"
        }
    }
}

extension Schedule {
    /// Nil where it says no time.
    init?(from field: Field) {
        if field.isScalar {
            guard let cron = field.cronExpression() else { return nil }
            self.init(cron: cron)
            return
        }
        let reader = ObjectReader(field, ScheduleKey.self)
        let zone = reader[.timeZone]?.timeZone()
        let overlap = reader[.overlap]?.choice(Overlap.self)
        let deadline = reader[.startDeadline]?.duration(in: TopologyBounds.startDeadline)
        guard let cron = reader[.cron]?.cronExpression() else { return nil }
        self.init(cron: cron)
        timeZone = zone ?? timeZone
        self.overlap = overlap ?? self.overlap
        startDeadline = deadline ?? startDeadline
    }
}

extension UpdateRules {
    init(from field: Field) {
        let reader = ObjectReader(field, UpdateKey.self)
        self.init()
        overlap = reader[.overlap]?.boolean() ?? overlap
        readyWithin = reader[.readyWithin]?.duration(in: TopologyBounds.readyWithin) ?? readyWithin
    }
}

extension Field {
    fileprivate func cronExpression() -> CronExpression? {
        guard let text = nonemptyString(expected: "a cron expression such as \"0 3 * * *\"") else { return nil }
        do {
            let cron = try CronExpression(text)
            guard cron.everRuns else {
                report("\"\(text)\" never runs: no year has such a day; change the day of month or the month")
                return nil
            }
            return cron
        } catch {
            report(error.message)
            return nil
        }
    }

    fileprivate func timeZone() -> String? {
        let expected = "a time zone of the tz database, such as Europe/Berlin or UTC"
        guard let name = nonemptyString(expected: expected) else { return nil }
        guard ClockOffsets.isTimeZone(name) else {
            report("found \(found), expected \(expected)\(SpellingAid.question(name, in: ClockOffsets.timeZones))")
            return nil
        }
        return name
    }
}
