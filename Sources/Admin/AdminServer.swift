import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import Topology

/// The admin endpoint: the same calls over TCP on loopback, with a token, and over a Unix socket, by the peer's user.
package struct AdminServer: Sendable {
    /// A connection that says nothing for so long is closed.
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let maximumConnections = 256
    private static let maximumHeaderBytes = 16 << 10

    private let configuration: AdminConfiguration
    private let control: any SupervisorControl
    private let token: AdminToken
    private let logger: Logger

    /// Checks where it is to listen, and makes the token at the first start.
    package init(configuration: AdminConfiguration, control: any SupervisorControl, logger: Logger) throws(AdminError) {
        if case .tcp(let host, let port) = configuration.listen, !LoopbackAddress.contains(host) {
            throw AdminError(
                .notLoopback,
                "admin.listen is \(host):\(port), which others can reach. The admin endpoint has no TLS yet and listens on loopback only: "
                    + "say 127.0.0.1:\(port), and reach it from elsewhere with: ssh -L \(port):127.0.0.1:\(port) <this host>")
        }
        self.configuration = configuration
        self.control = control
        self.logger = logger
        token = try AdminToken.loadOrCreate(path: configuration.tokenPath)
    }

    /// Listens until the task is cancelled.
    /// - Parameter onListening: called for each listener with where it listens, once it does.
    /// - Throws: `AdminError` when a listener cannot be opened.
    package func run(onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }) async throws {
        let catalogue = EndpointCatalogue(control: control, configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await serve(
                    .unix(path: configuration.socketPath), catalogue.router(access: .peer(allowedUser: geteuid()), logger: logger),
                    onListening)
            }
            switch configuration.listen {
            case .tcp:
                group.addTask {
                    try await serve(configuration.listen, catalogue.router(access: .token(token), logger: logger), onListening)
                }
            case .unix(let path):
                let path = path.hasPrefix("/") ? path : "\(configuration.stateDirectory)/\(path)"
                if path != configuration.socketPath {
                    group.addTask {
                        try await serve(
                            .unix(path: path), catalogue.router(access: .peer(allowedUser: geteuid()), logger: logger), onListening)
                    }
                }
            }
            // One listener without the other is half an endpoint.
            try await group.next()
            group.cancelAll()
        }
    }

    private func serve(
        _ address: ListenAddress, _ router: Router<AdminRequestContext>, _ onListening: @escaping @Sendable (ListenAddress) async -> Void
    ) async throws {
        let bind: BindAddress =
            switch address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        // Hummingbird tells of every client that goes away, and of its own end as an error.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    idleTimeout: Self.idleTimeout,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.maximumHeaderBytes, maxHeaderListSize: Self.maximumHeaderBytes))),
            configuration: ApplicationConfiguration(
                address: bind, availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)),
            onServerRunning: { channel in
                switch address {
                case .tcp(let host, let port):
                    let bound = channel.localAddress?.port ?? port
                    logger.info("the admin endpoint listens on \(host):\(bound)")
                    await onListening(.tcp(host: host, port: bound))
                case .unix(let path):
                    // Until then the peer check alone keeps others out.
                    chmod(path, 0o600)
                    logger.info("the admin endpoint listens on \(path)")
                    await onListening(address)
                }
            },
            logger: quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw AdminError(.cannotListen, Self.explain(error, address), underlying: error)
        }
    }

    private static func explain(_ error: IOError, _ address: ListenAddress) -> String {
        switch (address, error.errnoCode) {
        case (.tcp(let host, let port), EADDRINUSE):
            "the admin endpoint cannot listen on \(host):\(port): something else does. Find it with: ss -ltnp 'sport = :\(port)', "
                + "or choose another port for admin.listen in topology.yaml"
        case (.tcp(let host, let port), _):
            "the admin endpoint cannot listen on \(host):\(port): \(String(cString: strerror(error.errnoCode)))"
        case (.unix(let path), _):
            "the admin endpoint cannot listen on the socket \(path): \(String(cString: strerror(error.errnoCode)))"
        }
    }
}
