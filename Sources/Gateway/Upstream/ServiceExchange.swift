import NIOCore
import NIOHTTP1
import Topology

/// Answers a request by one of a service's instances over HTTP. Bodies stream both ways and are held back by whichever side is slower.
final class ServiceExchange: Exchange {
    private enum State {
        /// For an instance to be ready, for a connection, or for a pause to end.
        case waiting
        case sending(UpstreamConnection)
        case responding(UpstreamConnection)
        case finished
    }

    private let request: AcceptedRequest
    private let service: String
    private let loop: GatewayLoop
    private let sink: any ResponseSink
    private var state = State.waiting
    private var rules: SendRules
    private var endpoint: Endpoint?
    private let waitUntil: NIODeadline
    private var timer: Scheduled<Void>?

    private var unsent: [ByteBuffer] = []
    /// What was written of the body, as long as all of it is kept for being sent again.
    private var replay: [ByteBuffer]? = []
    private var bodyBytes = 0
    private var isRequestWhole = false

    init(_ request: AcceptedRequest, service: String, loop: GatewayLoop, sink: any ResponseSink) {
        self.request = request
        self.service = service
        self.loop = loop
        self.sink = sink
        rules = SendRules(isIdempotent: request.isIdempotent, maximumAttempts: loop.limits.attempts)
        waitUntil = min(request.record.startedAt + loop.limits.readinessWait, request.deadline)
    }

    func begin() { choose() }

    // MARK: Choosing an instance

    private func choose() {
        guard case .waiting = state else { return }
        let ready = loop.snapshot.ready[service] ?? []
        let candidates = rules.failed.isEmpty ? ready : ready.filter { !rules.failed.contains($0) }
        guard let endpoint = Balancer.choose(among: candidates, inFlight: loop.pool.inFlight, random: &loop.random) else {
            wait(isAnyReady: !ready.isEmpty)
            return
        }
        self.endpoint = endpoint
        request.record.upstream = endpoint.description
        if request.record.upstreamAskedAt == nil { request.record.upstreamAskedAt = .now() }
        loop.pool.requestBegan(at: endpoint)
        if let connection = loop.pool.takeIdle(endpoint, mustBeEstablished: !request.isIdempotent) {
            send(on: connection)
        } else {
            loop.pool.connect(endpoint) { [self] result in connected(result, to: endpoint) }
        }
    }

    private func connected(_ result: Result<UpstreamConnection, any Error>, to endpoint: Endpoint) {
        guard case .waiting = state else {
            if case .success(let connection) = result { loop.pool.release(connection) }
            return
        }
        switch result {
        case .success(let connection): send(on: connection)
        case .failure:
            leaveEndpoint()
            rules.connectFailed(endpoint)
            choose()
        }
    }

    private func wait(isAnyReady: Bool) {
        let now = NIODeadline.now()
        guard now < waitUntil else {
            let why = isAnyReady ? "no instance of \(service) takes connections" : "no instance of \(service) is ready"
            finish { sink.refuse(.unavailable(why)) }
            return
        }
        // Without a ready instance the news of one ends the wait; the timer is for its end.
        let pause = isAnyReady ? min(loop.limits.refusedPause, waitUntil - now) : waitUntil - now
        if !isAnyReady { loop.waitForInstances(self) }
        timer?.cancel()
        timer = loop.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in tryAgain() }
    }

    private func tryAgain() {
        rules.beginRound()
        choose()
    }

    func instancesChanged() {
        timer?.cancel()
        tryAgain()
    }

    // MARK: The request

    private func send(on connection: UpstreamConnection) {
        state = .sending(connection)
        rules.sent()
        let headers = HeaderRules.upstreamRequest(
            request.head.headers, forwarding: request.forwarding, authority: connection.endpoint.authority,
            framing: request.admission.framing)
        connection.send(
            HTTPRequestHead(version: .http1_1, method: request.head.method, uri: request.admission.upstreamTarget, headers: headers),
            for: self)
        for bytes in unsent { write(bytes, on: connection) }
        unsent = []
        if isRequestWhole { connection.sendEnd() }
        connection.flush()
        connection.read()
        // The write may have failed at once.
        if case .sending = state { sink.bodyWanted() }
    }

    private func write(_ bytes: ByteBuffer, on connection: UpstreamConnection) {
        replay = bodyBytes <= loop.limits.replayedBody ? replay.map { $0 + [bytes] } : nil
        connection.send(bytes)
    }

    func requestBody(_ bytes: ByteBuffer) {
        bodyBytes += bytes.readableBytes
        guard bodyBytes <= loop.limits.requestBody else {
            let hasBegun = hasResponseBegun
            abandon()
            finish { hasBegun ? sink.breakOff() : sink.refuse(Admission.bodyTooLarge(loop.limits.requestBody)) }
            return
        }
        switch state {
        case .waiting: unsent.append(bytes)
        case .sending(let connection), .responding(let connection):
            write(bytes, on: connection)
            connection.flush()
        case .finished: break
        }
    }

    func requestEnded() {
        isRequestWhole = true
        switch state {
        case .waiting, .finished: break
        case .sending(let connection), .responding(let connection):
            connection.sendEnd()
            connection.flush()
        }
    }

    var wantsRequestBody: Bool {
        switch state {
        case .waiting: false
        case .sending(let connection), .responding(let connection): connection.isWritable
        case .finished: true
        }
    }

    // MARK: Ends

    func clientBecameWritable() {
        if case .responding(let connection) = state { connection.read() }
    }

    func clientGone() {
        abandon()
        finish {}
    }

    func timedOut() {
        let hasBegun = hasResponseBegun
        let isClientSlow = !isRequestWhole && wantsRequestBody
        abandon()
        finish {
            if hasBegun {
                sink.breakOff()
            } else if isClientSlow {
                sink.refuse(Problem(.requestTimeout, "the request's body did not arrive within \(request.route.route.timeout)"))
            } else {
                sink.refuse(Problem(.gatewayTimeout, "\(service) did not answer within \(request.route.route.timeout)"))
            }
        }
    }

    private var hasResponseBegun: Bool {
        if case .responding = state { true } else { false }
    }

    private func abandon() {
        switch state {
        case .sending(let connection), .responding(let connection): connection.abandon()
        case .waiting, .finished: break
        }
    }

    private func leaveEndpoint() {
        if let endpoint { loop.pool.requestEnded(at: endpoint) }
        endpoint = nil
    }

    /// - Parameter answer: called last: it may begin the connection's next request.
    private func finish(_ answer: () -> Void) {
        if case .finished = state { return }
        state = .finished
        request.record.upstreamEndedAt = .now()
        timer?.cancel()
        timer = nil
        loop.stopWaiting(self)
        leaveEndpoint()
        answer()
    }
}

extension ServiceExchange: UpstreamDelegate {
    func upstreamResponded(_ head: HTTPResponseHead) {
        guard case .sending(let connection) = state else { return }
        state = .responding(connection)
        replay = nil
        sink.respond(HeaderRules.clientResponse(head))
    }

    func upstreamResponded(_ bytes: ByteBuffer) { sink.respond(bytes) }

    func upstreamPaused() {
        sink.flush()
        switch state {
        case .sending(let connection): connection.read()
        case .responding(let connection): if sink.isWritable { connection.read() }
        case .waiting, .finished: break
        }
    }

    func upstreamEnded(isReusable: Bool) {
        guard case .responding(let connection) = state else { return }
        if isReusable && isRequestWhole { loop.pool.release(connection) } else { connection.close() }
        finish { sink.respondEnd() }
    }

    func upstreamFailed(_ error: (any Error)?) {
        switch state {
        case .waiting, .finished: break
        case .responding: finish { sink.breakOff() }
        case .sending(let connection):
            leaveEndpoint()
            let isRepeated = rules.connectionDied(connection.endpoint, isReused: connection.served > 0, canRepeat: replay != nil)
            guard isRepeated else {
                finish { sink.refuse(Problem(.badGateway, "\(connection.endpoint) ended the connection without a valid answer")) }
                return
            }
            loop.metrics.retries += 1
            unsent = (replay ?? []) + unsent
            replay = []
            state = .waiting
            choose()
        }
    }

    func upstreamBecameWritable() { sink.bodyWanted() }
}
