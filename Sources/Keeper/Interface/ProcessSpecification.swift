/// Everything the keeper needs to know to start one process.
package struct ProcessSpecification: Codable, Sendable, Equatable {
    /// The keeper runs at most one process of an id, for instance "order/2".
    package var id: String
    /// An absolute path.
    package var executable: String
    /// argv, the name at [0] included.
    package var arguments: [String]
    /// All of the environment; only LISTEN_*, NOTIFY_SOCKET and SIGNALBOX_RUN are added by the keeper.
    package var environment: [String: String]
    /// Entered as `user`; nil is `/`.
    package var workingDirectory: String?
    /// A name or a number; nil keeps the keeper's own user. Needs a keeper that runs as root.
    package var user: String?
    /// nil is the user's own group.
    package var group: String?
    /// nil is 0o022.
    package var umask: Int?
    package var limits: ProcessLimits
    /// Names of listening sockets opened before by `openSocket`; handed over as descriptors 3… in this order, as in sd_listen_fds(3).
    package var sockets: [String]
    /// Whether to give it a NOTIFY_SOCKET.
    package var notify: Bool
    /// Gets stdout and stderr line by line; it and its folder are created when missing.
    package var logFile: String
    /// The supervisor's own words; the keeper only keeps them.
    package var metadata: [String: String]

    package init(
        id: String, executable: String, arguments: [String], environment: [String: String], workingDirectory: String? = nil,
        user: String? = nil, group: String? = nil, umask: Int? = nil, limits: ProcessLimits = ProcessLimits(), sockets: [String] = [],
        notify: Bool = false, logFile: String, metadata: [String: String] = [:]
    ) {
        self.id = id
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.group = group
        self.umask = umask
        self.limits = limits
        self.sockets = sockets
        self.notify = notify
        self.logFile = logFile
        self.metadata = metadata
    }
}
