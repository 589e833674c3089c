/// Where a stand-in for `AMQPConsumer` puts what it delivers.
public struct AMQPDeliverySource: Sendable {
    let buffer: DeliveryBuffer

    /// To the task that has waited longest, else kept until one asks for it. After `finish` it is dropped.
    public func deliver(_ delivery: AMQPDelivery) {
        buffer.append(delivery)
    }

    /// Takes back what no task has taken, as when the channel is lost.
    @discardableResult
    public func removeAll() -> [AMQPDelivery] {
        buffer.removeAll()
    }

    /// Ends the sequence.
    /// - Returns: what no task has taken.
    @discardableResult
    public func finish() -> [AMQPDelivery] {
        buffer.finish()
    }
}

extension AMQPDeliveries {
    /// - Parameter id: by which the stand-in will know it in `cancel` and `release`.
    public static func makeStream(queue: String, id: UInt64) -> (deliveries: AMQPDeliveries, source: AMQPDeliverySource) {
        let buffer = DeliveryBuffer()
        let deliveries = AMQPDeliveries(queue: queue, id: id, buffer: buffer, isAcknowledgedByItself: false, consumer: nil)
        return (deliveries, AMQPDeliverySource(buffer: buffer))
    }
}
