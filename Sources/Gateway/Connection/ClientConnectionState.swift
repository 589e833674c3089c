/// Where one client connection stands between its requests and responses. Pure: the connection acts on what this decides.
struct ClientConnectionState {
    enum Phase: Equatable {
        /// For a request's head, the first or the next. On to `exchanging` or `closed`.
        case awaiting
        /// A request is being received, answered, or both. On to `awaiting`, `lingering` or `closed`.
        case exchanging(isRequestWhole: Bool, hasResponseBegun: Bool)
        /// The answer is out, and what the client still sends is thrown away until it has read that. On to `closed`.
        case lingering
        case closed
    }

    enum Next: Equatable {
        case nextRequest, linger, close
    }

    private(set) var phase = Phase.awaiting
    private var keepsAlive = true

    /// - Parameter keepsAlive: whether the client lets the connection serve another request.
    mutating func headReceived(keepsAlive: Bool) {
        guard phase == .awaiting else { preconditionFailure("a head was received while \(phase)") }
        self.keepsAlive = keepsAlive
        phase = .exchanging(isRequestWhole: false, hasResponseBegun: false)
    }

    mutating func requestEnded() {
        guard case .exchanging(false, let hasResponseBegun) = phase else { preconditionFailure("a request ended while \(phase)") }
        phase = .exchanging(isRequestWhole: true, hasResponseBegun: hasResponseBegun)
    }

    /// - Parameter allowsReuse: false when the response's end or the gateway's own stop demands that the connection be closed.
    /// - Returns: whether the connection will serve another request, which the response's head has to say.
    mutating func responseBegan(allowsReuse: Bool) -> Bool {
        guard case .exchanging(let isRequestWhole, false) = phase else { preconditionFailure("a response began while \(phase)") }
        phase = .exchanging(isRequestWhole: isRequestWhole, hasResponseBegun: true)
        // What is left of an unfinished request cannot be told from the next one.
        keepsAlive = keepsAlive && allowsReuse && isRequestWhole
        return keepsAlive
    }

    mutating func responseEnded() -> Next {
        guard case .exchanging(let isRequestWhole, true) = phase else { preconditionFailure("a response ended while \(phase)") }
        if keepsAlive {
            phase = .awaiting
            return .nextRequest
        }
        phase = .lingering
        return isRequestWhole ? .close : .linger
    }

    /// The rest of what was received cannot be understood: this response is the last.
    mutating func inputBroke() { keepsAlive = false }

    mutating func closed() { phase = .closed }

    var isExchanging: Bool {
        if case .exchanging = phase { true } else { false }
    }

    var isReceivingRequest: Bool {
        if case .exchanging(false, _) = phase { true } else { false }
    }

    var hasResponseBegun: Bool {
        if case .exchanging(_, true) = phase { true } else { false }
    }
}
