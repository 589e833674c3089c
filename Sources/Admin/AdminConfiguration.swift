/// Where the admin endpoint keeps what it needs, and who it is.
package struct AdminConfiguration: Sendable {
    /// Absolute. Holds `admin.sock` and `admin.token`.
    package var stateDirectory: String
    /// Shown by /health and the dashboard before the supervisor knows more.
    package var version: String

    package init(stateDirectory: String, version: String) {
        self.stateDirectory = stateDirectory
        self.version = version
    }

    package var socketPath: String { stateDirectory + "/admin.sock" }
    package var tokenPath: String { stateDirectory + "/admin.token" }
    package var logFolder: String { stateDirectory + "/logs" }
    /// The TCP address that was listened on last: the next supervisor listens there before it has read the topology.
    package var addressPath: String { stateDirectory + "/run/admin.listen" }
}
