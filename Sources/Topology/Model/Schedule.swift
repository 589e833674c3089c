/// When a service is run, and what happens when its time comes while it still runs.
package struct Schedule: Sendable, Equatable {
    package enum Overlap: String, Sendable, CaseIterable {
        /// The new run is left out.
        case skip
        /// The new run begins when the old one has ended, however late; at most one waits.
        case wait
        /// The old run is stopped, then the new one begins.
        case replace
    }

    package var cron: CronExpression
    /// Of the tz database, such as `Europe/Berlin`.
    package var timeZone: String
    package var overlap: Overlap
    /// A run that could not begin at its time, because nothing was there to begin it, still begins when it is no later than this.
    package var startDeadline: Duration

    package init(cron: CronExpression, timeZone: String = "UTC", overlap: Overlap = .skip, startDeadline: Duration = .seconds(60)) {
        self.cron = cron
        self.timeZone = timeZone
        self.overlap = overlap
        self.startDeadline = startDeadline
    }
}
