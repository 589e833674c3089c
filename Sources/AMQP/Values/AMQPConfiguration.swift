/// Where the broker is, and how long things may take.
public struct AMQPConfiguration: Sendable, Equatable {
    public var host: String
    public var port: Int
    public var virtualHost: String
    public var user: String
    public var password: String
    /// Shown by RabbitMQ's management pages.
    public var connectionName: String
    /// Whole seconds; a connection on which nothing arrives for twice as long counts as lost. Zero is none at all.
    public var heartbeat: Duration = .seconds(10)
    /// From looking up the host to the end of the log-in.
    public var connectTimeout: Duration = .seconds(5)
    /// For the broker's answer to anything but a publish.
    public var replyTimeout: Duration = .seconds(10)

    /// - Parameters:
    ///   - url: `amqp://user:password@host:port/virtual-host`, each part percent-encoded; without user and password `guest`, without
    ///     port 5672, without path `/`.
    ///   - connectionName: for people who look at the broker.
    public init(url: String, connectionName: String) throws(AMQPError) {
        let address = try AMQPAddress(url: url)
        host = address.host
        port = address.port
        virtualHost = address.virtualHost
        user = address.user
        password = address.password
        self.connectionName = connectionName
    }
}
