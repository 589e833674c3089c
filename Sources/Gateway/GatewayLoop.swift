import NIOCore
import Topology

/// All that belongs to one event loop: its clients, its connections to services, its counters. Touched on that loop alone.
final class GatewayLoop {
    let eventLoop: any EventLoop
    let limits: GatewayLimits
    let shared: GatewayShared
    let pool: UpstreamPool
    let metrics = LoopMetrics()
    var random = SplitMix()
    private(set) var snapshot = RoutingSnapshot()
    private(set) var isDraining = false
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var waiting: [ObjectIdentifier: ServiceExchange] = [:]
    private var drained: EventLoopPromise<Void>?

    init(eventLoop: any EventLoop, limits: GatewayLimits, shared: GatewayShared) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.shared = shared
        pool = UpstreamPool(eventLoop: eventLoop, limits: limits)
    }

    var openConnections: Int { connections.count }

    func exchange(for request: AcceptedRequest, sink: any ResponseSink) -> any Exchange {
        let direct = { (sink: any ResponseSink) -> any Exchange in
            switch request.route.route.target {
            case .service(let name): ServiceExchange(request, service: name, loop: self, sink: sink)
            case .queue(let name, let replyMode): BusExchange(request, queue: name, replyMode: replyMode, loop: self, sink: sink)
            }
        }
        guard let rule = request.route.route.cache else { return direct(sink) }
        guard let cache = shared.cache, let key = CacheRules.key(of: request, longest: limits.cacheKey) else {
            request.record.cache = .bypass
            return direct(sink)
        }
        return CachedExchange(request, key: key, rule: rule, cache: cache, loop: self, sink: sink, makeInner: direct)
    }

    // MARK: Clients

    func opened(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if isDraining { connection.drain(.now()) }
    }

    func closed(_ connection: ClientConnection) {
        if connections.removeValue(forKey: ObjectIdentifier(connection)) != nil { shared.connectionClosed() }
        if isDraining, connections.isEmpty { drained?.succeed() }
    }

    func finished(_ record: RequestRecord) {
        let duration = NIODeadline.now() - record.startedAt
        metrics.record(record, duration: duration)
        shared.accessLog?.write(record, duration: duration)
        shared.tracing?.finished(record, duration: duration)
    }

    // MARK: Configuration

    func apply(_ snapshot: RoutingSnapshot) {
        self.snapshot = snapshot
        pool.keep(only: snapshot.readyEndpoints)
        let waiting = Array(self.waiting.values)
        self.waiting = [:]
        for exchange in waiting { exchange.instancesChanged() }
    }

    func waitForInstances(_ exchange: ServiceExchange) { waiting[ObjectIdentifier(exchange)] = exchange }
    func stopWaiting(_ exchange: ServiceExchange) { waiting[ObjectIdentifier(exchange)] = nil }

    // MARK: Time

    func startTicking() {
        eventLoop.assumeIsolated().scheduleTask(in: limits.tick) { [self] in
            let now = NIODeadline.now()
            for connection in connections.values { connection.tick(now) }
            pool.sweep(now)
            startTicking()
        }
    }

    /// - Returns: succeeds when the last client is gone, which `cutOff` forces.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        let drained = eventLoop.makePromise(of: Void.self)
        self.drained = drained
        guard !connections.isEmpty else {
            drained.succeed()
            return drained.futureResult
        }
        let now = NIODeadline.now()
        for connection in connections.values { connection.drain(now) }
        return drained.futureResult
    }

    func cutOff() {
        for connection in connections.values { connection.cutOff() }
    }
}
