/// The deliveries of one queue, in the order they came. It ends when the consumer is closed or this subscription cancelled, and for a task
/// that is cancelled. Several tasks may iterate: each delivery goes to one of them.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    public typealias Element = AMQPDelivery
    public typealias Failure = Never

    public let queue: String
    /// Tells the subscriptions of one consumer apart.
    public let id: UInt64
    let buffer: DeliveryBuffer
    /// What is taken is acknowledged.
    let isAcknowledgedByItself: Bool
    /// Iterating keeps the connection alive.
    let consumer: (any AnyObject & Sendable)?

    public func makeAsyncIterator() -> Iterator {
        Iterator(deliveries: self)
    }

    /// The next delivery where one is there already; nil says nothing about whether more will come.
    public func takeAvailable() -> AMQPDelivery? {
        buffer.takeFirst()
    }

    /// How often the channel was lost, so that what had been delivered and was not settled is delivered again.
    package var losses: Int { buffer.losses }

    public struct Iterator: AsyncIteratorProtocol {
        let deliveries: AMQPDeliveries

        public mutating func next() async -> AMQPDelivery? {
            await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> AMQPDelivery? {
            let delivery = await deliveries.buffer.next()
            if deliveries.isAcknowledgedByItself { await delivery?.ack() }
            return delivery
        }
    }
}
