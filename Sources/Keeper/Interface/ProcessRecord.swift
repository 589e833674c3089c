/// A process as the keeper knows it, from its start until `forget`.
package struct ProcessRecord: Codable, Sendable, Equatable {
    /// Without the environment, which holds secrets and is of no more use once the process runs.
    package var specification: ProcessSpecification
    package var pid: Int32
    /// Clock ticks after boot, field 22 of /proc/PID/stat: with the pid it names the process for good.
    package var startTime: UInt64
    /// Unix seconds.
    package var startedAt: Double
    /// It has sent READY=1.
    package var isReadyNotified: Bool
    /// nil until the process has ended and nothing of its containment is left.
    package var status: ExitStatus?
    /// The kernel killed something of it because its memory limit was reached. Known only where a memory controller is in force.
    package var isOutOfMemory: Bool

    package init(
        specification: ProcessSpecification, pid: Int32, startTime: UInt64, startedAt: Double, isReadyNotified: Bool = false,
        status: ExitStatus? = nil, isOutOfMemory: Bool = false
    ) {
        self.specification = specification
        self.pid = pid
        self.startTime = startTime
        self.startedAt = startedAt
        self.isReadyNotified = isReadyNotified
        self.status = status
        self.isOutOfMemory = isOutOfMemory
    }
}
