/// What lies in a queue, as the broker last counted it: up to 5 s ago.
package struct QueueDepth: Sendable, Equatable, Codable {
    /// Messages that nobody has taken.
    package var ready: Int
    /// Messages that consumers hold.
    package var unacknowledged: Int
    package var consumers: Int

    package init(ready: Int, unacknowledged: Int, consumers: Int) {
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
    }
}
