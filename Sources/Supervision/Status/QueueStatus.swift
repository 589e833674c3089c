/// A declared queue with what waits in it. Its retry and dead-letter queues are counted in, not listed.
package struct QueueStatus: Codable, Sendable, Equatable {
    package var name: String
    /// The service that reads it.
    package var consumer: String
    package var ready: Int
    package var unacknowledged: Int
    package var consumers: Int
    /// Messages that wait for a later attempt.
    package var retrying: Int
    /// Messages that rest in the dead-letter queue.
    package var dead: Int

    package init(name: String, consumer: String, ready: Int, unacknowledged: Int, consumers: Int, retrying: Int = 0, dead: Int = 0) {
        self.name = name
        self.consumer = consumer
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
        self.retrying = retrying
        self.dead = dead
    }
}
