/// What the broker is like, compared with the topology that is in force.
package struct BrokerStatus: Codable, Sendable, Equatable {
    /// ISO 8601: when it was last compared.
    package var checkedAt: String
    /// What somebody has changed, a sentence each. It is left so until a person applies the file, or a server is started again.
    package var differences: [String]
    /// What only a person can mend, and how.
    package var problems: [String]
    /// Queues that are being brought to another type, and how far that is.
    package var migrations: [String]
    /// What lies there and is not in the file.
    package var undeclared: [String]

    package init(
        checkedAt: String, differences: [String] = [], problems: [String] = [], migrations: [String] = [], undeclared: [String] = []
    ) {
        self.checkedAt = checkedAt
        self.differences = differences
        self.problems = problems
        self.migrations = migrations
        self.undeclared = undeclared
    }

    /// Nothing that a person should see to.
    package var isAsDeclared: Bool { differences.isEmpty && problems.isEmpty && migrations.isEmpty }

    private enum CodingKeys: String, CodingKey {
        case differences, problems, migrations, undeclared
        case checkedAt = "checked_at"
    }
}
