/// How often a service manager wants to hear from us.
package enum WatchdogInterval {
    /// Half of what `WATCHDOG_USEC` allows, as sd_watchdog_enabled(3) advises; nil when there is no watchdog, or it is another process's.
    package static func of(microseconds: String?, process: String?, ownProcess: Int32) -> Duration? {
        guard let microseconds = microseconds.flatMap(Int64.init), microseconds > 0 else { return nil }
        if let process, Int32(process) != ownProcess { return nil }
        return .microseconds(microseconds / 2)
    }
}
