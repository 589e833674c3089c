/// The deliveries of one queue, in the order they came. It ends when the consumer is closed or this subscription cancelled, and for a task
/// that is cancelled. Several tasks may iterate: each delivery goes to one of them.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    public typealias Element = AMQPDelivery
    public typealias Failure = Never

    public let queue: String
    let id: UInt64
    let buffer: DeliveryBuffer
    /// What is taken is acknowledged.
    let isAcknowledgedByItself: Bool
    /// Iterating keeps the connection alive.
    let consumer: AMQPConsumer

    public func makeAsyncIterator() -> Iterator {
        Iterator(deliveries: self)
    }

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
