/// What happens on a channel.
enum ChannelEvent {
    /// The answer to the oldest synchronous method without one.
    case replied(ServerMethod)
    case delivered(ServerMethod.Deliver, AMQPMessage)
    case returned(ServerMethod.Returned, AMQPMessage)
    case acknowledged(sequence: UInt64, isMultiple: Bool)
    case negativelyAcknowledged(sequence: UInt64, isMultiple: Bool)
    /// The broker ended the consumer: its queue was deleted or moved.
    case consumerCancelled
    case flowChanged(isActive: Bool)
    /// The broker closed the channel; the link goes on, the number is free again.
    case closed(AMQPError)
}

/// To whom the events of a channel go, on the link's thread.
protocol ChannelHandler: AnyObject {
    func received(_ event: ChannelEvent)
}
