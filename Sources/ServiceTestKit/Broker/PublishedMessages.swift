import AMQP

/// What was published and taken, for tests to look at.
struct PublishedMessages: Sendable {
    /// The oldest go.
    static let maximum = 100_000

    private(set) var all: [AMQPPublication] = []

    mutating func append(_ publication: AMQPPublication, at time: BrokerTime) {
        if all.count == Self.maximum { all.removeFirst(Self.maximum / 2) }
        all.append(publication)
    }
}
