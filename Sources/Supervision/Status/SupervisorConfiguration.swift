/// What the supervisor is told at its start. Nothing below `main` reads the environment.
package struct SupervisorConfiguration: Sendable {
    /// Absolute.
    package var topologyFile: String
    /// Absolute.
    package var stateDirectory: String
    /// Absolute path of `signalbox`. Its folder comes first in the PATH of every process.
    package var executable: String
    /// The supervisor's own environment: PATH, HOME, LANG and TZ are handed on to processes, and passwords of external servers may be in it.
    package var environment: [String: String]
    /// systemd's NOTIFY_SOCKET, if the whole runs under it.
    package var notifySocket: String?
    /// How long taking everything down may take before whatever is left is killed. Less than what the keeper and systemd allow.
    package var stopWithin: Duration

    package init(
        topologyFile: String, stateDirectory: String, executable: String, environment: [String: String] = [:], notifySocket: String? = nil,
        stopWithin: Duration = .seconds(90)
    ) {
        self.stopWithin = stopWithin
        self.topologyFile = topologyFile
        self.stateDirectory = stateDirectory
        self.executable = executable
        self.environment = environment
        self.notifySocket = notifySocket
    }

    /// Relative paths of the topology begin here.
    var topologyFolder: String {
        let slash = topologyFile.lastIndex(of: "/") ?? topologyFile.startIndex
        return slash == topologyFile.startIndex ? "/" : String(topologyFile[..<slash])
    }
}
