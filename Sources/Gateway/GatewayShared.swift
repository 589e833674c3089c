import NIOCore
import Synchronization

/// What all event loops share.
final class GatewayShared: Sendable {
    let accessLog: AccessLog?
    /// Nil: no broker was given.
    let bus: (any Bus)?
    /// Nil: no cache was given.
    let cache: ResponseCache?
    /// Nil: no spans are recorded, and a client's trace is passed on as it is.
    let tracing: GatewayTracing?
    private let connections = Atomic<Int>(0)
    private let isConfigured = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let maximumConnections: Int
    private let loops = Mutex<[NIOLoopBound<GatewayLoop>]>([])

    init(accessLog: AccessLog?, bus: (any Bus)?, cache: ResponseCache?, tracing: GatewayTracing?, maximumConnections: Int) {
        self.accessLog = accessLog
        self.bus = bus
        self.cache = cache
        self.tracing = tracing
        self.maximumConnections = maximumConnections
    }

    /// - Returns: false when there are too many already.
    func connectionOpened() -> Bool {
        guard connections.add(1, ordering: .relaxed).newValue <= maximumConnections else {
            connectionClosed()
            return false
        }
        return true
    }

    func connectionClosed() { connections.subtract(1, ordering: .relaxed) }

    func configured() { isConfigured.store(true, ordering: .relaxed) }
    func stopping() { isStopping.store(true, ordering: .relaxed) }

    /// Why the gateway should get no requests now; nil when it should.
    var reasonNotReady: String? {
        if isStopping.load(ordering: .relaxed) { return "the gateway is stopping" }
        if !isConfigured.load(ordering: .relaxed) { return "no configuration has been read yet" }
        return nil
    }

    func register(_ loops: [NIOLoopBound<GatewayLoop>]) { self.loops.withLock { $0 = loops } }

    /// The counts of all event loops together.
    func collectMetrics(on eventLoop: any EventLoop) -> EventLoopFuture<MetricsSnapshot> {
        let loops = loops.withLock { $0 }
        let each = loops.map { loop in loop.eventLoop.submit { MetricsSnapshot(of: loop.value) } }
        return EventLoopFuture.reduce(into: MetricsSnapshot(), each, on: eventLoop) { $0.add($1) }
    }
}
