/// A process as the reducer knows it: from its start, or from its adoption, until nothing of it is left.
package struct RunningProcess: Sendable, Equatable {
    /// Tells the answers of one process' probes from those of the next.
    package var generation: Int
    /// Nil: an external server.
    package var pid: Int?
    package var port: Int?
    /// Seconds since 1970, for people.
    package var startedAt: Double
    /// The reducer's time at which it was started or adopted.
    package var upSince: Duration
    /// Of the declaration it was started with.
    package var fingerprint: String
}
