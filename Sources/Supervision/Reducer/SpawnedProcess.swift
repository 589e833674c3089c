/// What the shell says of a process that it has started, or found running.
package struct SpawnedProcess: Sendable, Equatable {
    package var pid: Int?
    package var port: Int?
    /// Seconds since 1970.
    package var startedAt: Double
    package var fingerprint: String
    /// Of the declaration it was started with; nil: not known.
    package var foundation: String?
    /// It has said READY=1 already.
    package var isReadyNotified: Bool

    package init(
        pid: Int?, port: Int? = nil, startedAt: Double = 0, fingerprint: String = "", foundation: String? = nil,
        isReadyNotified: Bool = false
    ) {
        self.pid = pid
        self.port = port
        self.startedAt = startedAt
        self.fingerprint = fingerprint
        self.foundation = foundation
        self.isReadyNotified = isReadyNotified
    }
}
