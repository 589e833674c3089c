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
    /// Lines of its output, and their bytes, that are missing in one of its destinations: the disk was full, or the journal did not take
    /// them. A line in the log says so too once it can.
    package var droppedLines: Int
    package var droppedBytes: Int

    package init(
        specification: ProcessSpecification, pid: Int32, startTime: UInt64, startedAt: Double, isReadyNotified: Bool = false,
        status: ExitStatus? = nil, isOutOfMemory: Bool = false, droppedLines: Int = 0, droppedBytes: Int = 0
    ) {
        self.specification = specification
        self.pid = pid
        self.startTime = startTime
        self.startedAt = startedAt
        self.isReadyNotified = isReadyNotified
        self.status = status
        self.isOutOfMemory = isOutOfMemory
        self.droppedLines = droppedLines
        self.droppedBytes = droppedBytes
    }

    /// As for `ProcessSpecification`.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        specification = try values.decode(ProcessSpecification.self, forKey: .specification)
        pid = try values.decode(Int32.self, forKey: .pid)
        startTime = try values.decode(UInt64.self, forKey: .startTime)
        startedAt = try values.decode(Double.self, forKey: .startedAt)
        isReadyNotified = try values.decode(Bool.self, forKey: .isReadyNotified)
        status = try values.decodeIfPresent(ExitStatus.self, forKey: .status)
        isOutOfMemory = try values.decode(Bool.self, forKey: .isOutOfMemory)
        droppedLines = try values.decodeIfPresent(Int.self, forKey: .droppedLines) ?? 0
        droppedBytes = try values.decodeIfPresent(Int.self, forKey: .droppedBytes) ?? 0
    }
}
