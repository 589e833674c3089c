/// What was, or with a dry run would be, deleted for good.
package struct DiscardReport: Codable, Sendable, Equatable {
    package var queue: String
    package var count: Int
    /// The first of them.
    package var ids: [String]
    package var isDryRun: Bool

    package init(queue: String, count: Int, ids: [String], isDryRun: Bool) {
        self.queue = queue
        self.count = count
        self.ids = ids
        self.isDryRun = isDryRun
    }

    private enum CodingKeys: String, CodingKey {
        case queue, count, ids
        case isDryRun = "dry_run"
    }
}
