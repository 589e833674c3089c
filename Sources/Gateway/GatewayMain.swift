import AMQP
import Glibc
import Logging
import NIOCore
import Redis
import Systemd
import TraceStore

/// `signalbox gateway`.
package enum GatewayMain {
    /// Serves until the process is told to stop (TERM or INT), and then until the requests that run are answered.
    /// - Parameter environment: as the supervisor hands it over: `LISTEN_FDS` or `PORT`, `SIGNALBOX_GATEWAY_CONFIGURATION`, `AMQP_URL`,
    ///   `REDIS_URL`, `SIGNALBOX_CACHE_EVENTS`, `SIGNALBOX_CACHE_EXCHANGES` or `SIGNALBOX_EVENTS_EXCHANGE`.
    /// - Throws: `GatewayError` when it cannot begin.
    package static func run(environment: [String: String]) async throws {
        let stop = StopSignal()
        let logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
        let settings = try GatewaySettings(environment)
        let notifier = SystemdNotifier(socket: environment["NOTIFY_SOCKET"])
        raiseDescriptorLimit()
        let name = "\(settings.service)/\(settings.instance)"
        let amqp = try settings.brokerURL.map { try AMQPConfiguration(url: $0, connectionName: name) }
        let gateway = try await Gateway(
            bus: amqp.map { BrokerBus(configuration: $0, logger: logger) },
            cache: try settings.cacheURL.map { RedisCacheStore(client: try RedisClient(url: $0, logger: logger)) },
            accessLog: AccessLog(descriptor: STDOUT_FILENO), tracing: tracing(environment, settings, logger))
        let file = ConfigurationFile(path: settings.configurationFile, logger: logger)
        // Before the first connection is taken: nobody gets a 404 for a route that is merely not read yet.
        let first = file.read()
        if let first { await gateway.apply(first) }
        try await listen(gateway, settings)
        logger.info(
            "serving on \(settings.descriptors.isEmpty ? "port \(settings.port ?? 0)" : "\(settings.descriptors.count) inherited sockets")")
        if first != nil { notifier?.ready() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await file.watch { configuration in
                    await gateway.apply(configuration)
                    notifier?.ready()
                }
            }
            if let amqp, let cache = gateway.cache, !settings.eventExchanges.isEmpty, !settings.eventTypes.isEmpty {
                let invalidation = CacheInvalidation(settings: settings, broker: amqp, cache: cache, logger: logger)
                group.addTask { await invalidation.run() }
            }
            await stop.wait()
            notifier?.stopping()
            logger.info("stopping")
            group.cancelAll()
        }
        await gateway.stop()
    }

    private static func tracing(_ environment: [String: String], _ settings: GatewaySettings, _ logger: Logger) -> GatewayTracing {
        let traces = TraceSettings(environment)
        for complaint in traces.complaints { logger.warning("\(complaint)") }
        let resource = TraceResource(service: settings.service, instance: settings.instance, process: getpid())
        return GatewayTracing(sampling: traces.sampling, sink: SpanSink(resource: resource, settings: traces))
    }

    private static func listen(_ gateway: Gateway, _ settings: GatewaySettings) async throws(GatewayError) {
        for descriptor in settings.descriptors { try await gateway.listen(on: .descriptor(descriptor), as: .routes) }
        guard let port = settings.port else { return }
        try await gateway.listen(
            on: .tcp(host: "127.0.0.1", port: port), as: settings.descriptors.isEmpty ? .routesAndHealth : .health)
    }

    /// Each request may need two descriptors. Without the right to more, what there is has to do.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
