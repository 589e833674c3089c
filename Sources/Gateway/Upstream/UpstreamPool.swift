import NIOCore
import NIOHTTP1
import NIOPosix

/// One event loop's connections to the instances of all services. Nothing of it is shared with other loops, so nothing is locked.
final class UpstreamPool {
    private let eventLoop: any EventLoop
    private let limits: GatewayLimits
    private var idle: [Endpoint: [UpstreamConnection]] = [:]
    /// Requests that are with an instance now, of this event loop.
    private(set) var inFlight: [Endpoint: Int] = [:]
    private(set) var openConnections = 0
    private(set) var connects = 0
    private(set) var connectFailures = 0

    init(eventLoop: any EventLoop, limits: GatewayLimits) {
        self.eventLoop = eventLoop
        self.limits = limits
    }

    var idleConnections: Int { idle.values.reduce(0) { $0 + $1.count } }

    func requestBegan(at endpoint: Endpoint) { inFlight[endpoint, default: 0] += 1 }

    func requestEnded(at endpoint: Endpoint) {
        let left = inFlight[endpoint, default: 1] - 1
        inFlight[endpoint] = left > 0 ? left : nil
    }

    /// The connection used last, which is the most likely to be alive.
    /// - Parameter mustBeEstablished: for a request that cannot be sent again: one system call more.
    func takeIdle(_ endpoint: Endpoint, mustBeEstablished: Bool) -> UpstreamConnection? {
        while let connection = idle[endpoint]?.popLast() {
            if mustBeEstablished ? connection.isEstablished : connection.isOpen { return connection }
            connection.close()
        }
        return nil
    }

    /// - Parameter completion: called on the event loop, once.
    func connect(_ endpoint: Endpoint, completion: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        connects += 1
        let pool = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(limits.connectTimeout)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = UpstreamConnection(endpoint: endpoint, pool: pool.value)
                    var configuration = HTTPRequestEncoder.Configuration()
                    configuration.automaticallySetFramingHeaders = false
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPRequestEncoder(configuration: configuration),
                        ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop)),
                        handler,
                    ])
                }
            }
        let connecting =
            if let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: endpoint.host, port: endpoint.port)
            }
        connecting.assumeIsolated().whenComplete { [self] result in
            switch result.flatMap({ channel in Result { try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self) } }) {
            case .success(let connection):
                completion(.success(connection))
            case .failure(let error):
                connectFailures += 1
                completion(.failure(error))
            }
        }
    }

    /// A connection whose request and response are both complete.
    func release(_ connection: UpstreamConnection) {
        guard connection.isOpen, idle[connection.endpoint, default: []].count < limits.upstreamIdleConnections else {
            connection.close()
            return
        }
        idle[connection.endpoint, default: []].append(connection)
    }

    func opened() { openConnections += 1 }

    func closed(_ connection: UpstreamConnection) {
        openConnections -= 1
        idle[connection.endpoint]?.removeAll { $0 === connection }
        if idle[connection.endpoint]?.isEmpty == true { idle[connection.endpoint] = nil }
    }

    /// Closes the idle connections to instances that get no more requests.
    func keep(only endpoints: Set<Endpoint>) {
        for (endpoint, connections) in idle where !endpoints.contains(endpoint) {
            idle[endpoint] = nil
            for connection in connections { connection.close() }
        }
    }

    func sweep(_ now: NIODeadline) {
        for (endpoint, connections) in idle {
            // The longest idle stand first.
            let stale = connections.prefix { $0.idleSince + limits.upstreamIdleTimeout <= now }
            guard !stale.isEmpty else { continue }
            idle[endpoint] = Array(connections.dropFirst(stale.count))
            for connection in stale { connection.close() }
        }
    }
}
