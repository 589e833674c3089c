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
    /// For requests that run when the server is stopped.
    private static let stopLimit = Duration.milliseconds(100)
    /// A cursor of the logs of a thousand instances fits in.
    private static let maximumHeaderBytes = 64 << 10
    private static let day = Duration.seconds(86_400)

    private let configuration: AdminConfiguration
    private let control: any SupervisorControl
    private let logger: Logger

    package init(configuration: AdminConfiguration, control: any SupervisorControl, logger: Logger) {
        self.configuration = configuration
        self.control = control
        self.logger = logger
    }

    /// Whether it may listen on a topology's `admin.listen`.
    package static func check(_ address: ListenAddress) throws(AdminError) {
        guard case .tcp(let host, let port) = address, !LoopbackAddress.contains(host) else { return }
        throw AdminError(
            .notLoopback,
            "admin.listen is \(host):\(port), which others can reach. The admin endpoint has no TLS yet and listens on loopback only: "
                + "say 127.0.0.1:\(port), and reach it from elsewhere with: ssh -L \(port):127.0.0.1:\(port) <this host>")
    }

    /// Listens on the state directory's socket until the task is cancelled.
    /// - Parameter onListening: called with where it listens, once it does.
    /// - Throws: `AdminError` when it cannot.
    package func runSocket(onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }) async throws {
        let router = catalogue.router(access: .peer(allowedUser: geteuid()), logger: logger)
        try await serve(.unix(path: configuration.socketPath), router, onListening)
    }

    /// Listens where the topology says until the task is cancelled; and before that is known, where the last supervisor listened. Makes the
    /// token at the first start.
    /// - Parameter declared: `topology.admin.listen`, as soon as it is known.
    /// - Throws: `AdminError` when it may not or cannot.
    package func run(
        declared: @escaping @Sendable () async throws -> ListenAddress,
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let early = ListenMemory.load(path: configuration.addressPath)
            if let early {
                // Should it be taken for a moment, it is tried again below, and what is wrong is told then.
                group.addTask { try? await listen(on: early, onListening) }
            }
            let address = try await declared()
            try Self.check(address)
            if address != early { group.cancelAll() }
            try await group.waitForAll()
            try Task.checkCancellation()
            ListenMemory.store(address, path: configuration.addressPath)
            try await listen(on: address, onListening)
        }
    }

    private var catalogue: EndpointCatalogue { EndpointCatalogue(control: control, configuration: configuration) }

    private func listen(on address: ListenAddress, _ onListening: @escaping @Sendable (ListenAddress) async -> Void) async throws {
        switch address {
        case .tcp:
            let token = try AdminToken.loadOrCreate(path: configuration.tokenPath)
            try await serve(address, catalogue.router(access: .token(token), logger: logger), onListening)
        case .unix(let path):
            let path = path.hasPrefix("/") ? path : "\(configuration.stateDirectory)/\(path)"
            guard path != configuration.socketPath else {
                // It listens there in any case.
                await onListening(address)
                while true { try await Task.sleep(for: Self.day) }
            }
            try await serve(.unix(path: path), catalogue.router(access: .peer(allowedUser: geteuid()), logger: logger), onListening)
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
            try await GracefulRun.run(application, stopLimit: Self.stopLimit, logger: quiet)
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
