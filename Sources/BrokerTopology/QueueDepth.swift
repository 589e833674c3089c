/// What lies in a queue, as the broker last counted it: up to 5 s ago.
package struct QueueDepth: Sendable, Equatable, Codable {
    /// Messages that nobody has taken.
    package var ready: Int
    /// Messages that consumers hold.
    package var unacknowledged: Int
    package var consumers: Int
    /// The part of the time, 0 to 1, in which the queue could hand its messages on at once. Nil: without consumers, and until it is counted.
    package var consumerUtilisation: Double?

    package init(ready: Int, unacknowledged: Int, consumers: Int, consumerUtilisation: Double? = nil) {
        self.consumerUtilisation = consumerUtilisation
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
    }
}
