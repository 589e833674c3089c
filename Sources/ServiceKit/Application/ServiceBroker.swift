public import AMQP

/// The two ends by which a service talks to its broker: RabbitMQ's, or a stand-in's.
public struct ServiceBroker: Sendable {
    public let publisher: any MessagePublishing
    public let consumer: any MessageConsuming

    public init(publisher: any MessagePublishing, consumer: any MessageConsuming) {
        self.publisher = publisher
        self.consumer = consumer
    }
}
