/// All dead letters at a glance.
package struct DeadLetterOverview: Codable, Sendable, Equatable {
    package struct QueueStatus: Codable, Sendable, Equatable {
        /// The queue they came from.
        package var queue: String
        /// Those that are listed and can be acted on.
        package var count: Int
        /// More lie behind them in the queue; they are listed as those before them are gone.
        package var beyond: Int
        /// The queue is still being read: `count` grows.
        package var isLoading: Bool
        /// Why the queue cannot be read; what is shown is from before.
        package var problem: String?

        package init(queue: String, count: Int, beyond: Int = 0, isLoading: Bool = false, problem: String? = nil) {
            self.queue = queue
            self.count = count
            self.beyond = beyond
            self.isLoading = isLoading
            self.problem = problem
        }

        private enum CodingKeys: String, CodingKey {
            case queue, count, beyond, problem
            case isLoading = "loading"
        }
    }

    package var queues: [QueueStatus]
    /// At most `DeadLetterService.shownGroups`, the largest first.
    package var groups: [DeadLetterGroup]

    package init(queues: [QueueStatus], groups: [DeadLetterGroup]) {
        self.queues = queues
        self.groups = groups
    }
}
