/// What `KeeperMain.run` is told.
package struct KeeperConfiguration: Sendable {
    /// An absolute path of at most 80 bytes; created with mode 0711 when missing.
    package var stateDirectory: String
    /// argv; [0] is the absolute path of the executable.
    package var supervisorCommand: [String]
    /// The supervisor's environment; SIGNALBOX_KEEPER_FD=3 is added.
    package var supervisorEnvironment: [String: String]
    /// nil is the keeper's own.
    package var supervisorWorkingDirectory: String?
    /// nil is `logs` in the state directory.
    package var logDirectory: String?
    /// Whether the supervisor's output also goes to the keeper's standard error.
    package var copiesSupervisorOutput: Bool
    /// How long a supervisor that was told to stop may take before everything is killed.
    package var stopTimeout: Duration
    /// Whether to use cgroups where they are to be had; without them processes are held by session and environment.
    package var usesControlGroups: Bool
    /// systemd's journal, for processes whose lines go there.
    package var journalSocket: String

    package static let journalSocket = "/run/systemd/journal/socket"

    package init(
        stateDirectory: String, supervisorCommand: [String], supervisorEnvironment: [String: String],
        supervisorWorkingDirectory: String? = nil, logDirectory: String? = nil, copiesSupervisorOutput: Bool = false,
        stopTimeout: Duration = .seconds(60), usesControlGroups: Bool = true,
        journalSocket: String = Self.journalSocket
    ) {
        self.stateDirectory = stateDirectory
        self.supervisorCommand = supervisorCommand
        self.supervisorEnvironment = supervisorEnvironment
        self.supervisorWorkingDirectory = supervisorWorkingDirectory
        self.logDirectory = logDirectory
        self.copiesSupervisorOutput = copiesSupervisorOutput
        self.stopTimeout = stopTimeout
        self.usesControlGroups = usesControlGroups
        self.journalSocket = journalSocket
    }
}
