import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
internal import Synchronization
import Systemd

/// Hummingbird's HTTP/1.1 channel under an accept loop of our own: it can take over an inherited socket, tells its port, and is drained
/// at the moment that the service's shutdown comes to it (Hummingbird's server is bound to a ServiceGroup's).
final class HTTPServer: Sendable {
    enum Address: Sendable, Equatable {
        /// 0: any free port.
        case loopback(port: Int)
        /// A listening socket that this process was started with.
        case inherited(Int32)

        /// The first inherited socket where no PORT is given; else the port.
        init(_ environment: ServiceEnvironment, process: Int32) {
            let inherited = InheritedSockets(environment: environment.values, ownProcess: process).sockets.first
            if let inherited, environment.values["PORT", default: ""].isEmpty {
                self = .inherited(inherited.descriptor)
            } else {
                self = .loopback(port: environment.port)
            }
        }
    }

    static let backlog: Int32 = 256
    /// Connections beyond it are closed at once.
    static let maximumConnections = 4096
    static let idleTimeout: TimeAmount = .seconds(120)

    private typealias Connection = HTTP1Channel.Value

    private struct State {
        var isDraining = false
        /// No more connections come out of the listener.
        var hasEnded = false
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Those that came out of the listener.
        var served: Set<ObjectIdentifier> = []
    }

    private let listener: NIOAsyncChannel<Connection, Never>
    private let http: HTTP1Channel
    private let logger: Logger
    private let state: StateBox

    private final class StateBox: Sendable {
        let state = Mutex(State())
    }

    /// - Throws: when the address is taken, or the inherited descriptor is no listening socket.
    static func bind(_ address: Address, responder: RouterResponder<ServiceRequestContext>, logger: Logger) async throws -> HTTPServer {
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                var logger = logger
                // Hummingbird's contexts find their id there, and trap where it is missing.
                logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
                let context = ServiceRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
                var response: Response
                do {
                    response = try await responder.respond(to: request, context: context)
                } catch {
                    response = ServiceProblem(describing: error).response
                }
                response.headers[.date] = HTTPDate.now
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: HTTP1Channel.Configuration(idleTimeout: idleTimeout))
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        let box = StateBox()
        let prepare: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            http.setup(channel: channel, logger: logger).map { connection in
                admit(channel, box)
                return connection
            }
        }
        let listener =
            switch address {
            case .loopback(let port):
                try await bootstrap.bind(host: "127.0.0.1", port: port, childChannelInitializer: prepare)
            case .inherited(let descriptor):
                try await bootstrap.bind(descriptor, childChannelInitializer: prepare)
            }
        return HTTPServer(listener: listener, http: http, state: box, logger: logger)
    }

    private init(listener: NIOAsyncChannel<Connection, Never>, http: HTTP1Channel, state: StateBox, logger: Logger) {
        self.state = state
        self.listener = listener
        self.http = http
        self.logger = logger
    }

    /// Nil for a socket that has none.
    var port: Int? { listener.channel.localAddress?.port }

    /// Serves until `drain` was called and the last connection has ended. A cancelled task's connections are cut.
    func run() async {
        await withDiscardingTaskGroup { group in
            do {
                try await listener.executeThenClose { connections in
                    for try await connection in connections {
                        markServed(ObjectIdentifier(connection.channel))
                        group.addTask { await self.http.handle(value: connection, logger: self.logger) }
                    }
                }
            } catch {
                logger.error("The HTTP server takes no more connections", metadata: ["error": "\(error)"])
            }
            closeUnserved()
        }
    }

    private func markServed(_ id: ObjectIdentifier) {
        state.state.withLock { state in
            // Closed already: nothing would take it out again.
            guard state.channels[id] != nil else { return }
            state.served.insert(id)
        }
    }

    /// Stops accepting, closes idle connections, and lets each running request finish.
    func drain() {
        let channels = state.state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        listener.channel.close(promise: nil)
        for channel in channels { Self.quiesce(channel) }
    }

    /// What was accepted while the listener closed comes out of it no more: without this its client would wait for ever.
    private func closeUnserved() {
        let channels = state.state.withLock { state in
            state.hasEnded = true
            return state.channels.filter { !state.served.contains($0.key) }.map(\.value)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private static func admit(_ channel: any Channel, _ box: StateBox) {
        let id = ObjectIdentifier(channel)
        let (isAdmitted, isDraining) = box.state.withLock { state in
            guard !state.hasEnded, state.channels.count < maximumConnections else { return (false, state.isDraining) }
            state.channels[id] = channel
            return (true, state.isDraining)
        }
        guard isAdmitted else { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in
            box.state.withLock { state in
                state.channels[id] = nil
                state.served.remove(id)
            }
        }
        if isDraining { quiesce(channel) }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
