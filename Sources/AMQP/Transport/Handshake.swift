/// The log-in, step by step: what to send at what the broker says.
struct Handshake {
    enum Action: Equatable {
        case send([ClientMethod])
        /// The limits hold from now on, then send.
        case apply(ConnectionLimits, send: [ClientMethod])
        case finished
    }

    enum State: Equatable {
        /// The protocol header was sent; `connection.start` comes.
        case awaitingStart
        /// The credentials were sent; `connection.tune` comes.
        case awaitingTune
        /// The virtual host was named; `connection.open-ok` comes.
        case awaitingOpenOk
        case finished
    }

    static let channelMax = 2047
    static let frameMax = 128 * 1024
    /// Every server has to take frames of this size.
    static let smallestFrameMax = 4096

    private(set) var state = State.awaitingStart
    private let configuration: AMQPConfiguration

    init(_ configuration: AMQPConfiguration) {
        self.configuration = configuration
    }

    mutating func received(_ method: ServerMethod) throws(AMQPError) -> Action {
        switch (state, method) {
        case (.awaitingStart, .connectionStart(let mechanisms)):
            guard mechanisms.split(separator: " ").contains("PLAIN") else {
                throw AMQPError(.accessRefused, "the broker does not offer log-in by password (PLAIN); it offers \(mechanisms)")
            }
            state = .awaitingTune
            return .send([
                .connectionStartOk(user: configuration.user, password: configuration.password, properties: clientProperties)
            ])
        case (.awaitingTune, .connectionTune(let offered)):
            state = .awaitingOpenOk
            let limits = negotiate(offered)
            return .apply(limits, send: [.connectionTuneOk(limits), .connectionOpen(virtualHost: configuration.virtualHost)])
        case (.awaitingOpenOk, .connectionOpenOk):
            state = .finished
            return .finished
        default:
            throw AMQPError(.protocolViolation, "the broker broke the order of the log-in (\(state))")
        }
    }

    /// What a connection that ends now means.
    func explain(_ error: AMQPError) -> AMQPError {
        guard state == .awaitingTune, error.code == .notConnected else { return error }
        return AMQPError(
            .accessRefused, "the broker ended the connection at the log-in of \(configuration.user): are user and password right?")
    }

    private func negotiate(_ offered: ConnectionLimits) -> ConnectionLimits {
        func smaller(_ ours: Int, _ theirs: Int) -> Int { theirs == 0 ? ours : min(ours, theirs) }
        let heartbeat = Int(configuration.heartbeat.components.seconds)
        return ConnectionLimits(
            channelMax: smaller(Self.channelMax, offered.channelMax),
            frameMax: max(Self.smallestFrameMax, smaller(Self.frameMax, offered.frameMax)),
            heartbeat: heartbeat == 0 ? 0 : smaller(heartbeat, offered.heartbeat))
    }

    /// Without `connection.blocked` the broker stops reading from a publisher without a word; without `authentication_failure_close` a wrong
    /// password is nothing but the end of the stream; without `consumer_cancel_notify` a deleted queue is silence.
    private var clientProperties: [String: AMQPValue] {
        [
            "product": "Signalbox",
            "platform": "Swift",
            "connection_name": .string(configuration.connectionName),
            "capabilities": .table([
                "authentication_failure_close": true,
                "basic.nack": true,
                "connection.blocked": true,
                "consumer_cancel_notify": true,
                "exchange_exchange_bindings": true,
                "publisher_confirms": true,
            ]),
        ]
    }
}
