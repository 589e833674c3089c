extension Metrics.Family {
    static let queueWait = Self(
        name: "signalbox_event_queue_wait_seconds", help: "From an event's time to the beginning of an attempt to handle it.",
        kind: .histogram, labels: ["queue", "type"])
    static let waiting = Self(
        name: "signalbox_waiting_messages",
        help: "Messages in the service's database that wait for their next attempt or behind another (counted up to 10000).", kind: .gauge,
        labels: ["queue"])
    static let oldest = Self(
        name: "signalbox_outbox_oldest_seconds", help: "Age of the oldest event in the outbox; 0 where it is empty.", kind: .gauge,
        labels: [])
}
