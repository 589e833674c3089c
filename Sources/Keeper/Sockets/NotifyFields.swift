/// What a process has said by sd_notify(3) and nobody has heard yet.
enum NotifyFields {
    private static let watchdog = "WATCHDOG"
    private static let trigger = "trigger"

    /// Later fields take the place of earlier ones, but for a watchdog that was triggered: that it was fed afterwards does not undo it.
    static func merged(_ earlier: [String: String], _ later: [String: String]) -> [String: String] {
        earlier.merging(later) { old, new in new }.merging(earlier.filter { $0 == watchdog && $1 == trigger }) { _, old in old }
    }
}
