/// How long an instance is meant to run.
package enum Lifetime: Sendable, Equatable {
    /// Until it is stopped.
    case continuous
    /// Until its work is done: an end with status 0 is `completed`. Such as migrations.
    case once
    /// Once at each time of a schedule.
    case scheduled(Schedule)
}
