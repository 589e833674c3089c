import AMQP
import FoundationEssentials
import Logging
import Postgres
import Redis
internal import Synchronization

/// What a service application is made of, for those inside who need more than one piece of it.
final class ServiceParts: Sendable {
    /// Connections for handlers and routes; one more is the relay's.
    static let databaseConnections = 8

    let environment: ServiceEnvironment
    let clock: ServiceClock
    let logger: Logger
    let metrics = Metrics()
    let tracing: ServiceTracing
    let readiness = Readiness()
    /// Triggered by a signal or by `ServiceApplication.shutdown`.
    let shutdown = Latch()
    let relaySignal = RelaySignal()
    /// Other instances of this service are those that share its database.
    let bellName: String
    let bells: InstanceBells
    let pool: PostgresPool?
    let relayPool: PostgresPool?
    let database: Database?
    let redis: RedisClient?
    private let brokerConfiguration: AMQPConfiguration?
    /// In place of the one that the environment names.
    private let standIn: ServiceBroker?
    /// Nil until `run`.
    let broker = Mutex<ServiceBroker?>(nil)
    /// The port that HTTP is served at; nil until `run`.
    let port = Mutex<Int?>(nil)

    init(environment: ServiceEnvironment, logger: Logger, broker standIn: ServiceBroker?, clock: ServiceClock) throws {
        self.environment = environment
        self.logger = logger
        self.standIn = standIn
        self.clock = clock
        tracing = ServiceTracing(environment: environment, logger: logger)
        bellName = "\(environment.databaseURL ?? "") \(environment.service)"
        bells = InstanceBells(service: bellName, instance: environment.instance)
        let name = "\(environment.service).\(environment.instance)"
        let configuration = try environment.amqpURL.map { try AMQPConfiguration(url: $0, connectionName: name) }
        brokerConfiguration = configuration
        let topology = configuration.map { $0.virtualHost == "/" ? "" : "/\($0.virtualHost)" } ?? ""
        let stamp = EventStamp(
            service: environment.service, source: "\(topology)/\(environment.service)", exchange: environment.eventsExchange,
            clock: clock)
        let pool = try environment.databaseURL.map {
            try PostgresPool(url: $0, maximumConnections: Self.databaseConnections, applicationName: name, logger: logger)
        }
        self.pool = pool
        relayPool =
            try configuration == nil && standIn == nil
            ? nil
            : environment.databaseURL.map {
                try PostgresPool(url: $0, maximumConnections: 1, applicationName: "\(name) relay", logger: logger)
            }
        database = pool.map { [relaySignal] in Database(pool: $0, publisher: stamp, relaySignal: relaySignal) }
        redis = try environment.redisURL.map { try RedisClient(url: $0, logger: logger) }
    }

    var hasBroker: Bool { brokerConfiguration != nil || standIn != nil }

    func connectBroker() -> ServiceBroker? {
        let broker =
            standIn
            ?? brokerConfiguration.map { configuration in
                ServiceBroker(
                    publisher: AMQPPublisher(configuration: configuration, window: OutboxRelay.window, logger: logger),
                    consumer: AMQPConsumer(configuration: configuration, logger: logger))
            }
        self.broker.withLock { $0 = broker }
        return broker
    }

    /// What the service needs; nil: it is, else what is wrong with it.
    func checks() async -> [String: String?] {
        var checks: [String: String?] = ["schema": readiness.isPrepared ? nil : "waits for the database or is being brought up to date"]
        if shutdown.isTriggered { checks["process"] = "is stopping" }
        if let database { checks["database"] = await database.isAnswering ? .some(nil) : "does not answer" }
        if hasBroker {
            if let broker = broker.withLock({ $0 }) {
                let isConsuming = await broker.consumer.isConsuming
                let isPublishing = await broker.publisher.isConnected
                checks["consumers"] = isConsuming ? .some(nil) : "not every queue is consumed"
                checks["publisher"] = isPublishing ? .some(nil) : "no connection to the broker"
            } else {
                checks["broker"] = "is not connected to yet"
            }
        }
        return checks
    }

    private static let brokerChecks: Set<String> = ["broker", "consumers", "publisher"]

    /// Whether the service can do its work. Once it was ready, one with a database goes on while the broker is away: its outbox keeps the
    /// events until then.
    func isReady(_ checks: [String: String?]) -> Bool {
        let failing = checks.filter { $0.value != nil }.keys
        if failing.isEmpty {
            readiness.markReady()
            return true
        }
        return database != nil && readiness.wasReady && failing.allSatisfy(Self.brokerChecks.contains)
    }

    func close() async {
        if let broker = broker.withLock({ $0 }) {
            await broker.consumer.close()
            await broker.publisher.close()
        }
        await relayPool?.close()
        await pool?.close()
        await redis?.close()
        await tracing.close()
    }
}
