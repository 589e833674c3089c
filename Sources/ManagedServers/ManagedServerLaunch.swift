/// How to run a private server: a value for whoever starts processes (the keeper; in tests, TestSupport).
///
/// The process stays in the foreground, and a kill of its process group or cgroup leaves nothing behind.
package struct ManagedServerLaunch: Sendable, Equatable {
    /// Absolute path.
    package var executable: String
    /// Without argv[0].
    package var arguments: [String]
    /// The whole environment: nothing else is to be inherited.
    package var environment: [String: String]
    package var workingDirectory: String
    /// The system user to switch to before the executable is run; nil where it runs as whoever starts it.
    package var user: String?
    /// The signal that stops the main process cleanly, without the SIG prefix: "TERM", for PostgreSQL "INT" ('fast' shutdown; its TERM
    /// waits for every client to leave).
    package var stopSignal: String

    package init(
        executable: String, arguments: [String], environment: [String: String], workingDirectory: String, user: String?,
        stopSignal: String = "TERM"
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.stopSignal = stopSignal
    }
}

extension ManagedServerLaunch {
    /// What every managed server is given: Debian's own folders, and messages that do not depend on who started us.
    static func baseEnvironment(home: String) -> [String: String] {
        ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8", "TZ": "UTC"]
    }
}
