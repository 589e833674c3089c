/// The runs of a scheduled service. All times are seconds since 1970.
package struct ScheduledRuns: Sendable, Equatable {
    /// Infinity: its schedule names no time any more. Nil: not worked out.
    package internal(set) var next: Double?
    /// The time by which `next` was worked out.
    var workedOutAt: Double?
    /// It does not follow its schedule: what is missed meanwhile is not made up for.
    var isSuspended = false
    /// When the latest run began.
    package internal(set) var last: Double?
    /// The time that the run under way, or the next one to begin, is for.
    var current: Double?
    /// A run that waits until the one before it has ended.
    package internal(set) var waiting: Double?
    /// The latest run has ended well.
    package internal(set) var hasCompleted = false
}
