/// Why a message left its queue for the dead letters, in RabbitMQ's words.
enum DeathReason: String, Sendable {
    case rejected, expired, maxlen
    case deliveryLimit = "delivery_limit"
}
