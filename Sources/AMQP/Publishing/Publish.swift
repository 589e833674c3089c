/// One message on its way to the broker.
struct Publish {
    let id: UInt64
    let exchange: String
    let routingKey: String
    var message: AMQPMessage
    let deadline: ContinuousClock.Instant
    /// The message's expiration is to be what is left until the deadline when it is sent: nobody waits for it afterwards.
    var expiresAtDeadline = false
}
