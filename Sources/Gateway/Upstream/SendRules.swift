/// How far one request has gone towards a service, and what that allows when a connection fails. Pure.
struct SendRules {
    private let isIdempotent: Bool
    private let maximumAttempts: Int
    private(set) var attempts = 0
    /// Instances that failed this request in the present round.
    private(set) var failed: Set<Endpoint> = []

    init(isIdempotent: Bool, maximumAttempts: Int) {
        self.isIdempotent = isIdempotent
        self.maximumAttempts = maximumAttempts
    }

    /// The request's first byte is about to be written.
    mutating func sent() { attempts += 1 }

    /// Nothing was sent: another instance may always be asked.
    mutating func connectFailed(_ endpoint: Endpoint) { failed.insert(endpoint) }

    /// The connection ended after something was written and before any byte of a response.
    /// - Parameters:
    ///   - isReused: whether the connection had served another request before, so that it may have died idle.
    ///   - canRepeat: whether all of the body that was written is still at hand.
    /// - Returns: whether to send the request again. What may have been done already and is not idempotent is never sent twice.
    mutating func connectionDied(_ endpoint: Endpoint, isReused: Bool, canRepeat: Bool) -> Bool {
        // An idle connection's death says nothing against its instance.
        if !isReused { failed.insert(endpoint) }
        return isIdempotent && canRepeat && attempts < maximumAttempts
    }

    /// Every instance failed: after a pause each may be tried anew.
    mutating func beginRound() { failed = [] }
}
