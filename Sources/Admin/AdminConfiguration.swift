package import Topology

/// Where the admin endpoint listens and who it is.
package struct AdminConfiguration: Sendable {
    /// `topology.admin.listen`. TCP must be a loopback address.
    package var listen: ListenAddress
    /// Absolute. Holds `admin.sock` and `admin.token`.
    package var stateDirectory: String
    /// Shown by /health and the dashboard before the supervisor knows more.
    package var version: String

    package init(listen: ListenAddress, stateDirectory: String, version: String) {
        self.listen = listen
        self.stateDirectory = stateDirectory
        self.version = version
    }

    package var socketPath: String { stateDirectory + "/admin.sock" }
    package var tokenPath: String { stateDirectory + "/admin.token" }
}
