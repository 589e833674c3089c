package struct InstanceStatus: Codable, Sendable, Equatable {
    /// From 1.
    package var instance: Int
    /// waiting, starting, ready, unready, draining, stopping, killing, backoff, stopped, failed or completed.
    package var state: String
    package var pid: Int?
    package var port: Int?
    /// ISO 8601.
    package var startedAt: String?
    /// Since it was last started by a person or the topology.
    package var restarts: Int
    package var lastExit: String?
    package var reason: String?

    package init(
        instance: Int, state: String, pid: Int? = nil, port: Int? = nil, startedAt: String? = nil, restarts: Int = 0,
        lastExit: String? = nil, reason: String? = nil
    ) {
        self.instance = instance
        self.state = state
        self.pid = pid
        self.port = port
        self.startedAt = startedAt
        self.restarts = restarts
        self.lastExit = lastExit
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case instance, state, pid, port, restarts, reason
        case startedAt = "started_at"
        case lastExit = "last_exit"
    }
}
