import Supervision

/// The logs that there were at a time. Whatever has come since has nothing older in it.
struct LogListing: Sendable {
    var time: LogTimestamp
    var logs: [LogFile]
}
