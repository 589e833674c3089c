import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Topology

/// The gateway as a whole: its event loops, its listening sockets and its configuration. It reads no environment and watches no file.
final class Gateway: Sendable {
    enum Address: Sendable {
        case tcp(host: String, port: Int)
        /// Already bound, and listening or not; owned by the gateway from now on.
        case descriptor(Int32)
    }

    private let limits: GatewayLimits
    private let shared: GatewayShared
    private let group: MultiThreadedEventLoopGroup
    private let loops: [NIOLoopBound<GatewayLoop>]
    private let loopsByIdentity: [ObjectIdentifier: NIOLoopBound<GatewayLoop>]
    private let channels = Mutex<[(listener: Listener, channel: any Channel)]>([])

    /// - Parameter threads: one event loop each.
    init(
        limits: GatewayLimits = GatewayLimits(), threads: Int = System.coreCount, bus: (any Bus)? = nil, cache: (any CacheStore)? = nil,
        accessLog: AccessLog? = nil, tracing: GatewayTracing? = nil
    ) async throws {
        self.limits = limits
        shared = GatewayShared(
            accessLog: accessLog, bus: bus, cache: cache.map(ResponseCache.init), tracing: tracing,
            maximumConnections: limits.connections)
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        var loops: [NIOLoopBound<GatewayLoop>] = []
        for eventLoop in group.makeIterator() {
            loops.append(
                try await eventLoop.submit { [shared] in
                    let loop = GatewayLoop(eventLoop: eventLoop, limits: limits, shared: shared)
                    loop.startTicking()
                    return NIOLoopBound(loop, eventLoop: eventLoop)
                }.get())
        }
        self.loops = loops
        loopsByIdentity = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        shared.register(loops)
    }

    var cache: ResponseCache? { shared.cache }

    /// - Returns: the address that was bound; nil on a Unix socket.
    /// - Throws: `GatewayError` with code `.cannotListen`.
    @discardableResult
    func listen(on address: Address, as listener: Listener) async throws(GatewayError) -> SocketAddress? {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel, listener: listener) }
            }
        do {
            let channel =
                switch address {
                case .tcp(let host, let port): try await bootstrap.bind(host: host, port: port).get()
                case .descriptor(let descriptor): try await bootstrap.withBoundSocket(descriptor).get()
                }
            channels.withLock { $0.append((listener, channel)) }
            return channel.localAddress
        } catch {
            let name =
                switch address {
                case .tcp(let host, let port): "\(host):\(port)"
                case .descriptor(let descriptor): "the inherited socket \(descriptor)"
                }
            throw GatewayError(.cannotListen, "cannot listen on \(name): \(error)", underlying: error)
        }
    }

    private func accept(_ channel: any Channel, listener: Listener) throws {
        guard let loop = loopsByIdentity[ObjectIdentifier(channel.eventLoop)]?.value else {
            throw GatewayError(.cannotListen, "a connection came on an event loop that is not the gateway's")
        }
        guard shared.connectionOpened() else {
            channel.writeAndFlush(ByteBuffer(string: Self.tooMany)).assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
            return
        }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.limits.headerField
        limits.maxHeaderListSize = self.limits.headerList
        limits.maxHeaderFieldCount = self.limits.headerCount
        var framing = HTTPResponseEncoder.Configuration()
        framing.automaticallySetFramingHeaders = false
        let connection = ClientConnection(loop: loop, listener: listener)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(configuration: framing),
            RequestByteObserver(connection: connection),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)),
            connection,
        ])
    }

    private static let tooMany =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    /// In force on every event loop when this returns. Requests that run keep the routes they began with.
    func apply(_ configuration: GatewayConfiguration) async {
        shared.bus?.prepare(for: configuration.routes)
        let snapshot = RoutingSnapshot(configuration)
        for loop in loops {
            // An event loop of this group fails a submit only after `stop`.
            try? await loop.eventLoop.submit { loop.value.apply(snapshot) }.get()
        }
        shared.configured()
    }

    func metrics() async -> MetricsSnapshot {
        let snapshot = try? await shared.collectMetrics(on: group.any()).get()
        return snapshot ?? MetricsSnapshot()
    }

    /// Takes no more connections, finishes the requests that run, and closes everything. Inherited sockets stay open with whoever else
    /// holds them.
    func stop() async {
        shared.stopping()
        let channels = channels.withLock { $0 }
        for (listener, channel) in channels where listener != .health { try? await channel.close() }
        var drained: [EventLoopFuture<Void>] = []
        for loop in loops {
            drained.append(loop.eventLoop.flatSubmit { loop.value.drain() })
            loop.eventLoop.scheduleTask(in: limits.drainGrace) { loop.value.cutOff() }
        }
        for future in drained { try? await future.get() }
        for (listener, channel) in channels where listener == .health { try? await channel.close() }
        await shared.bus?.close()
        await shared.cache?.close()
        await shared.accessLog?.close()
        await shared.tracing?.close()
        try? await group.shutdownGracefully()
    }
}
