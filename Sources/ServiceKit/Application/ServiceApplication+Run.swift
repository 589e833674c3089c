import AMQP
public import Glibc
import Hummingbird
import Logging
import Postgres
internal import Synchronization

extension ServiceApplication {
    /// From the first signal until everything in hand is given up.
    public static let defaultGrace: Duration = .seconds(15)
    /// Of the grace, at most this for bringing the outbox to the broker.
    static let flushPatience: Duration = .seconds(3)
    static let readinessInterval: Duration = .milliseconds(50)

    /// Runs the service until it is told to stop.
    ///
    /// It serves HTTP from the start (routes answer 503 until the schema is up to date), waits for the database and the broker however long
    /// they take, migrates, consumes, and tells the supervisor when it is ready. Told to stop, it takes no more messages and connections,
    /// finishes what it holds, relays what is in the outbox, and returns.
    /// - Parameters:
    ///   - signals: which of them mean stop.
    ///   - grace: what is not finished by then is cancelled; its messages are delivered again, to others.
    /// - Throws: `ServiceError` for what no waiting mends: a set-up that contradicts itself, a failed migration, a taken port.
    public func run(stoppingOn signals: [Int32] = [SIGTERM, SIGINT], grace: Duration = defaultGrace) async throws {
        let registrations = registrations.withLock { $0 }
        try registrations.validate(in: environment, hasBroker: parts.hasBroker)
        let watch = SignalWatch(signals) { [shutdown = parts.shutdown, logger] signal in
            logger.info("Told to stop", metadata: ["signal": "\(signal)"])
            shutdown.trigger()
        }
        defer { watch.stop() }
        MethodNotAllowed.add(to: router)
        let server = try await bindServer()
        do {
            try await parts.tracing.run { try await live(registrations, server, grace: grace) }
        } catch {
            await parts.close()
            throw error
        }
        await parts.close()
        logger.info("Stopped")
    }

    private func live(_ registrations: Registrations, _ server: HTTPServer, grace: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.live(registrations, server) }
            group.addTask {
                await self.parts.shutdown.wait()
                try await self.parts.clock.sleep(for: grace)
                self.logger.error("Not everything was finished within the grace; the rest is cancelled")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func bindServer() async throws -> HTTPServer {
        let address = HTTPServer.Address(environment, process: getpid())
        do {
            let server = try await HTTPServer.bind(address, responder: router.buildResponder(), logger: logger)
            parts.port.withLock { $0 = server.port }
            return server
        } catch {
            throw ServiceError(
                .invalidEnvironment, "HTTP cannot be served at \(address): is the port taken? PORT names it.", underlying: error)
        }
    }

    /// The service's life in its order; each `async let` has ended when this returns.
    private func live(_ registrations: Registrations, _ server: HTTPServer) async throws {
        async let serving: Void = server.run()
        guard try await prepare(registrations) else {
            server.drain()
            await serving
            return
        }
        let broker = parts.connectBroker()
        let subscriptions = try await subscribe(registrations, broker)
        let finishing = Latch()
        async let announcing: Void = announceReadiness()
        async let consuming: Void = consume(subscriptions)
        async let relaying: Void = relay(broker, finishing)
        async let others: Void = runBeside(registrations.backgrounds)

        await parts.shutdown.wait()
        ServiceNotice(environment).stopping()
        server.drain()
        _ = await (consuming, serving, others, announcing)
        finishing.trigger()
        parts.relaySignal.wake()
        await relaying
    }

    /// Brings the schema up to date, however long the database takes to come.
    ///
    /// - Returns: false when the service was told to stop first.
    private func prepare(_ registrations: Registrations) async throws -> Bool {
        guard let pool = parts.pool else {
            parts.readiness.markPrepared()
            return true
        }
        let migrator = Migrator(pool: pool, logger: logger)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                var backoff = Backoff()
                while !Task.isCancelled {
                    do {
                        try await migrator.migrate(Self.ownMigrations)
                        try await migrator.migrate(registrations.migrations)
                        self.parts.readiness.markPrepared()
                        return true
                    } catch let error as PostgresError where error.isDatabaseAway && !Task.isCancelled {
                        self.logger.warning("The database is not there yet; it is waited for", metadata: ["error": "\(error)"])
                        try await self.parts.clock.sleep(for: backoff.next().jittered)
                    }
                }
                return false
            }
            group.addTask {
                await self.parts.shutdown.wait()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// In the order in which they were ever made; an applied one never changes.
    static let ownMigrations = [
        OutboxTable.migration, Inbox.migration, OutboxTable.orderMigration, Inbox.outcomeMigration, WaitingTable.migration,
        SuspectTable.migration, ScheduledTable.migration, WaitingTable.dueMigration,
    ]

    private func subscribe(_ registrations: Registrations, _ broker: ServiceBroker?) async throws -> [Subscription] {
        guard let broker else { return [] }
        var subscriptions: [Subscription] = []
        if let database = parts.database {
            let gate = SuspectGate()
            let process = EventIdentifier.make(parts.clock.timestamp)
            for (queue, handlers) in registrations.handlers {
                let settings = settings(of: queue)
                let board = WorkBoard(clock: parts.clock)
                let batch = EventBatch(
                    queue: queue, settings: settings, handlers: handlers, database: database, clock: parts.clock, metrics: parts.metrics,
                    logger: logger)
                let consumer = EventConsumer(
                    batch: batch, board: board, bells: parts.bells, gate: gate, process: process, shutdown: parts.shutdown)
                let deliveries = try await broker.consumer.consume(queue: queue, prefetch: settings.prefetch)
                subscriptions.append(
                    Subscription(run: { await consumer.run(deliveries, of: broker.consumer) }, look: { board.tableMayBeDue() }))
            }
        }
        for (queue, answer) in registrations.answers {
            let responder = RequestResponder(
                queue: queue, body: answer, publisher: broker.publisher, service: environment.service, clock: parts.clock,
                metrics: parts.metrics, logger: logger)
            let deliveries = try await broker.consumer.consume(queue: queue, prefetch: settings(of: queue).prefetch)
            subscriptions.append(
                Subscription(run: { [shutdown = parts.shutdown] in
                    async let stopping: Void = {
                        await shutdown.wait()
                        await broker.consumer.cancel(deliveries)
                    }()
                    await responder.run(deliveries)
                    await stopping
                }))
        }
        return subscriptions
    }

    private func settings(of queue: String) -> QueueSettings {
        environment.queues?[queue] ?? QueueSettings()
    }

    private func consume(_ subscriptions: [Subscription]) async {
        parts.bells.listen {
            for subscription in subscriptions { subscription.look() }
        }
        await withDiscardingTaskGroup { group in
            for subscription in subscriptions { group.addTask { await subscription.run() } }
        }
        parts.bells.stopListening()
    }

    private func relay(_ broker: ServiceBroker?, _ finishing: Latch) async {
        guard let broker, let pool = parts.relayPool else { return }
        let purge = parts.redis.map { CachePurge(redis: $0, types: environment.cacheEvents, logger: logger) }
        let relay = OutboxRelay(
            pool: pool, publisher: broker.publisher, service: environment.service, purge: purge, signal: parts.relaySignal,
            doorbell: Doorbell(name: "\(parts.bellName) relay"), finishing: finishing, clock: parts.clock, metrics: parts.metrics,
            logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await relay.run() }
            group.addTask {
                await finishing.wait()
                await self.parts.clock.rest(for: Self.flushPatience)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// The service's own background work, and ours.
    private func runBeside(_ backgrounds: [(name: String, body: Registrations.Background)]) async {
        await withTaskGroup(of: Void.self) { group in
            for background in backgrounds {
                group.addTask {
                    await BackgroundLoop(name: background.name, body: background.body, clock: self.parts.clock, logger: self.logger).run()
                }
            }
            if let pool = parts.pool { group.addTask { await Inbox.keepPruned(pool, clock: self.parts.clock, logger: self.logger) } }
            await parts.shutdown.wait()
            group.cancelAll()
        }
    }

    private func announceReadiness() async {
        while !parts.shutdown.isTriggered && !Task.isCancelled {
            if parts.isReady(await parts.checks()) {
                logger.info("Ready", metadata: ["port": "\(parts.port.withLock { $0 } ?? 0)"])
                return ServiceNotice(environment).ready()
            }
            await parts.shutdown.wait(atMost: Self.readinessInterval, clock: parts.clock)
        }
    }
}
