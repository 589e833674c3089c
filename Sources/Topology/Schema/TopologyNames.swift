/// What things may be called: each name becomes part of others (database roles, broker users, file names, permission patterns).
enum TopologyNames {
    /// Of a topology and its services.
    static let servicePattern = "^[a-z][a-z0-9_-]{0,39}$"
    static let serviceWords = "a name of small letters, digits, \"-\" and \"_\" that begins with a letter, at most 40 long"
    /// Of exchanges and queues.
    static let brokerPattern = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$"
    static let brokerWords = "a name of letters, digits, \".\", \":\", \"-\" and \"_\", at most 120 long"
    static let variablePattern = "^[A-Za-z_][A-Za-z0-9_]*$"

    static let servers = ["broker", "database", "cache"]
    /// Services cannot be called so: `depends_on` and the admin endpoint mean the servers and Signalbox itself.
    static let reservedServices: Set<String> = ["broker", "database", "cache", "signalbox", "admin"]
    /// Exchanges and queues cannot begin so: RabbitMQ's own and Signalbox's own do.
    static let reservedBrokerPrefixes = ["amq.", "signalbox."]
    /// Variables that Signalbox itself hands to a service.
    static let reservedVariables: Set<String> = [
        "PORT", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "AMQP_URL", "DATABASE_URL", "REDIS_URL", "SIGNALBOX_SERVICE",
        "SIGNALBOX_INSTANCE", "SIGNALBOX_STATE", "SIGNALBOX_QUEUES", "SIGNALBOX_CACHE_EVENTS", "SIGNALBOX_EVENTS_EXCHANGE",
        "SIGNALBOX_GATEWAY_CONFIGURATION", "SIGNALBOX_TRACES", "WATCHDOG_USEC", "WATCHDOG_PID",
    ]

    static func isServiceName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (97...122).contains(first), name.utf8.count <= 40 else { return false }
        return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
    }

    static func isBrokerName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetterOrDigit(first), name.utf8.count <= 120 else { return false }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || [45, 46, 58, 95].contains($0) }
    }

    static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 95 }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
    }
}
