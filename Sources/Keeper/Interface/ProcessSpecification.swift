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
    package var log: LogPolicy
    /// The supervisor's own words; the keeper only keeps them.
    package var metadata: [String: String]

    package init(
        id: String, executable: String, arguments: [String], environment: [String: String], workingDirectory: String? = nil,
        user: String? = nil, group: String? = nil, umask: Int? = nil, limits: ProcessLimits = ProcessLimits(), sockets: [String] = [],
        notify: Bool = false, logFile: String, log: LogPolicy = LogPolicy(), metadata: [String: String] = [:]
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
        self.log = log
        self.metadata = metadata
    }

    /// A keeper stays as it is when its supervisor is upgraded, so each reads what the other's version left out.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        executable = try values.decode(String.self, forKey: .executable)
        arguments = try values.decode([String].self, forKey: .arguments)
        environment = try values.decode([String: String].self, forKey: .environment)
        workingDirectory = try values.decodeIfPresent(String.self, forKey: .workingDirectory)
        user = try values.decodeIfPresent(String.self, forKey: .user)
        group = try values.decodeIfPresent(String.self, forKey: .group)
        umask = try values.decodeIfPresent(Int.self, forKey: .umask)
        limits = try values.decodeIfPresent(ProcessLimits.self, forKey: .limits) ?? ProcessLimits()
        sockets = try values.decodeIfPresent([String].self, forKey: .sockets) ?? []
        notify = try values.decodeIfPresent(Bool.self, forKey: .notify) ?? false
        logFile = try values.decode(String.self, forKey: .logFile)
        log = try values.decodeIfPresent(LogPolicy.self, forKey: .log) ?? LogPolicy()
        metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    }
}
