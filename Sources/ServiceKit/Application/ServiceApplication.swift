public import Hummingbird
public import Logging
import Postgres
public import Redis
internal import Synchronization

/// A service: its routes, its handlers of events and requests, and everything they need.
///
///     let application = try ServiceApplication(environment: .process())
///     let database = try application.database
///     application.migrate([Migration("1 orders", "CREATE TABLE orders (…)")])
///     application.router.post("/api/order") { request, context in … }
///     application.handle(InventoryReserved.self, from: "order.inventory") { event, metadata, transaction in … }
///     try await application.run()
public final class ServiceApplication: Sendable {
    public let environment: ServiceEnvironment
    public let logger: Logger

    /// The service's HTTP routes. `/health/live`, `/health/ready` and `/metrics` are there already.
    ///
    /// `nonisolated(unsafe)` because Hummingbird's router is no Sendable: it is written while the service is set up, by the one task that
    /// does so, and only read once `run` has begun.
    nonisolated(unsafe) public let router: ServiceRouter

    /// The cache; nil when the service does not depend on it.
    public let redis: RedisClient?

    let parts: ServiceParts
    let registrations = Mutex(Registrations())

    /// - Parameters:
    ///   - environment: mostly `.process()`.
    ///   - logger: without one, JSON lines on stdout at `LOG_LEVEL`.
    ///   - broker: in place of the one at `AMQP_URL`: a stand-in for tests. `run` closes it.
    ///   - clock: the time that the service lives by.
    /// - Throws: when a URL in the environment cannot be understood. Nothing is connected yet.
    public init(
        environment: ServiceEnvironment, logger: Logger? = nil, broker: ServiceBroker? = nil, clock: ServiceClock = .system
    ) throws {
        let logger = logger ?? JSONLogHandler.logger(for: environment)
        self.environment = environment
        self.logger = logger
        let parts = try ServiceParts(environment: environment, logger: logger, broker: broker, clock: clock)
        self.parts = parts
        redis = parts.redis
        router = ServiceRouter(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ServiceMiddleware(metrics: parts.metrics, readiness: parts.readiness, logger: logger))
        HealthRoutes.add(to: router, parts: parts)
    }

    /// - Throws: `ServiceError` when the service does not depend on the database.
    public var database: Database {
        get throws {
            guard let database = parts.database else {
                throw ServiceError(
                    .missingDependency,
                    "Service '\(environment.service)' has no database: DATABASE_URL is not set. Add 'database' to its depends_on in topology.yaml."
                )
            }
            return database
        }
    }

    /// Brings the service's schema up to these steps before anything else is begun, by one instance at a time.
    public func migrate(_ migrations: [Migration]) {
        registrations.withLock { $0.migrations += migrations }
    }

    /// Handles events of one type from a queue: at least once delivered, exactly once in effect.
    ///
    /// The body's writes, the events it publishes, and the note that this event is handled commit together; a second delivery of the event is
    /// acknowledged and not run. A few are handled at once; events of one subject one after the other, on a queue with
    /// `single_active_consumer` over all instances of the service: while one waits for its next attempt, those behind it wait too.
    ///
    /// Several events may be handled in one transaction, each in a savepoint: a body that throws undoes its own work alone. Effects beyond
    /// the transaction must be such as may happen twice.
    ///
    /// When the body throws: a `ServiceProblem` or an event that does not decode goes to the queue's dead-letter queue at once; anything else
    /// is tried again as the queue's retry ladder says, and then goes there. A database that is away is waited for.
    public func handle<E: Event>(
        _ event: E.Type, from queue: String, _ body: @escaping @Sendable (E, EventMetadata, Transaction) async throws -> Void
    ) {
        registrations.withLock { $0.add(EventHandler(event, body), to: queue) }
    }

    /// Answers the requests that come by a queue, up to its prefetch at once.
    ///
    /// A request whose deadline has passed is not begun, and one that passes it is cancelled. A `ServiceProblem` is the answer as it is;
    /// any other error is a 500, a database that is away a 503.
    public func answer(queue: String, _ body: @escaping @Sendable (BusRequest) async throws -> BusReply) {
        registrations.withLock { $0.add(body, answering: queue) }
    }

    /// Runs `body` beside everything else, until shutdown. When it throws it is begun anew, after a growing pause; when it returns it is done.
    public func background(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        registrations.withLock { $0.backgrounds.append((name, body)) }
    }

    /// Begins an orderly stop, as SIGTERM does.
    public func shutdown() {
        parts.shutdown.trigger()
    }
}
