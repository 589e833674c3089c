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
    /// While one process replaces the other.
    package var beside: Beside?
    /// Lines of its processes' output that could not be kept, for want of room on the disk or a journal that was away. Nil: none.
    package var droppedLines: Int?

    /// The process beside the main one.
    package struct Beside: Codable, Sendable, Equatable {
        package enum Role: String, Codable, Sendable {
            /// It takes the main one's place once it is ready.
            case new
            /// The main one has taken its place, and it is ending.
            case old
        }

        package var role: Role
        /// As that of an instance.
        package var state: String
        package var pid: Int?
        package var port: Int?

        package init(role: Role, state: String, pid: Int? = nil, port: Int? = nil) {
            self.role = role
            self.state = state
            self.pid = pid
            self.port = port
        }
    }

    package init(
        instance: Int, state: String, pid: Int? = nil, port: Int? = nil, startedAt: String? = nil, restarts: Int = 0,
        lastExit: String? = nil, reason: String? = nil, beside: Beside? = nil, droppedLines: Int? = nil
    ) {
        self.instance = instance
        self.state = state
        self.pid = pid
        self.port = port
        self.startedAt = startedAt
        self.restarts = restarts
        self.lastExit = lastExit
        self.reason = reason
        self.beside = beside
        self.droppedLines = droppedLines
    }

    private enum CodingKeys: String, CodingKey {
        case instance, state, pid, port, restarts, reason, beside
        case startedAt = "started_at"
        case lastExit = "last_exit"
        case droppedLines = "dropped_lines"
    }
}
