import NIOCore
import NIOHTTP1
import Topology

/// Answers from the cache, or passes the request on and keeps the answer.
final class CachedExchange: Exchange {
    private enum State {
        case lookingUp
        /// Another request asks the upstream for the same.
        case following
        /// Passing on, past the cache.
        case bypassing(any Exchange)
        /// Passing on for all that wait, and for the cache.
        case leading(any Exchange, SingleFlight.Key)
        case finished
    }

    private let request: AcceptedRequest
    private let key: String
    private let rule: RouteCache
    private let cache: ResponseCache
    private let loop: GatewayLoop
    private let sink: any ResponseSink
    private let makeInner: (any ResponseSink) -> any Exchange
    private var state = State.lookingUp
    private var lookupTimer: Scheduled<Void>?
    private var isRequestWhole = false
    private var collected: (head: ResponseHead, timeToLive: Duration, body: ByteBuffer)?
    private var isSettled = false

    /// - Parameter makeInner: what answers when the cache does not.
    init(
        _ request: AcceptedRequest, key: String, rule: RouteCache, cache: ResponseCache, loop: GatewayLoop, sink: any ResponseSink,
        makeInner: @escaping (any ResponseSink) -> any Exchange
    ) {
        self.request = request
        self.key = key
        self.rule = rule
        self.cache = cache
        self.loop = loop
        self.sink = sink
        self.makeInner = makeInner
    }

    func begin() {
        lookupTimer = loop.eventLoop.assumeIsolated().scheduleTask(in: loop.limits.cacheLookup) { [self] in lookedUp(.bypass) }
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (cache, key, rule, eventLoop) = (cache, key, rule, loop.eventLoop)
        // Not awaited: it ends by itself within the store's time, and `lookedUp` ignores what comes too late.
        Task {
            let lookup = await cache.look(up: key, rule: rule)
            eventLoop.execute { bound.value.lookedUp(lookup) }
        }
    }

    private func lookedUp(_ lookup: ResponseCache.Lookup) {
        guard case .lookingUp = state else { return }
        lookupTimer?.cancel()
        lookupTimer = nil
        switch lookup {
        case .bypass: bypass(.bypass)
        case .hit(let entry): replay(entry)
        case .miss(let generations): join(SingleFlight.Key(key: key, generations: generations))
        }
    }

    private func join(_ key: SingleFlight.Key) {
        state = .following
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let role = cache.flights.join(key) { outcome in
            eventLoop.execute { bound.value.flightEnded(key, outcome) }
        }
        guard case .leader = role else { return }
        request.record.cache = .miss
        let inner = makeInner(self)
        state = .leading(inner, key)
        start(inner)
    }

    private func flightEnded(_ key: SingleFlight.Key, _ outcome: SingleFlight.Outcome) {
        guard case .following = state else { return }
        switch outcome {
        case .entry(let entry): replay(entry)
        case .uncacheable: bypass(.miss)
        case .refused(let problem):
            request.record.cache = .miss
            finish { sink.refuse(problem) }
        case .abandoned: join(key)
        }
    }

    private func bypass(_ result: RequestRecord.CacheResult) {
        request.record.cache = result
        let inner = makeInner(sink)
        state = .bypassing(inner)
        start(inner)
    }

    private func start(_ inner: any Exchange) {
        inner.begin()
        if isRequestWhole { inner.requestEnded() }
    }

    private func replay(_ entry: CacheEntry) {
        request.record.cache = .hit
        var headers = entry.headers
        headers.replaceOrAdd(name: "Age", value: String(max(0, (WallClock.now() / 1_000_000 - entry.storedAt) / 1000)))
        finish {
            sink.respond(ResponseHead(status: .ok, headers: headers, length: entry.body.readableBytes))
            sink.respond(entry.body)
            sink.respondEnd()
        }
    }

    private func finish(_ answer: () -> Void) {
        lookupTimer?.cancel()
        lookupTimer = nil
        state = .finished
        answer()
    }

    private var inner: (any Exchange)? {
        switch state {
        case .bypassing(let inner), .leading(let inner, _): inner
        case .lookingUp, .following, .finished: nil
        }
    }

    func requestBody(_ bytes: ByteBuffer) { inner?.requestBody(bytes) }

    func requestEnded() {
        isRequestWhole = true
        inner?.requestEnded()
    }

    var wantsRequestBody: Bool { inner?.wantsRequestBody ?? true }
    func clientBecameWritable() { inner?.clientBecameWritable() }

    func clientGone() {
        let inner = self.inner
        settle(.abandoned)
        finish {}
        inner?.clientGone()
    }

    func timedOut() {
        if let inner {
            inner.timedOut()
        } else {
            finish { sink.refuse(Problem(.gatewayTimeout, "no answer within \(request.route.route.timeout)")) }
        }
    }

    /// Tells those who wait; only the first outcome counts.
    private func settle(_ outcome: SingleFlight.Outcome) {
        guard case .leading(_, let flight) = state, !isSettled else { return }
        isSettled = true
        cache.flights.settle(flight, outcome)
    }
}

/// As the leader's sink: what the upstream answers goes to the client, and a copy to the cache.
extension CachedExchange: ResponseSink {
    var isWritable: Bool { sink.isWritable }
    func bodyWanted() { sink.bodyWanted() }

    func respond(_ head: ResponseHead) {
        if let timeToLive = CacheRules.timeToLive(of: head, rule: rule), head.length ?? 0 <= loop.limits.cacheEntry {
            collected = (head, timeToLive, ByteBuffer())
        } else {
            settle(.uncacheable)
        }
        sink.respond(head)
    }

    func respond(_ bytes: ByteBuffer) {
        if let length = collected?.body.readableBytes {
            if length + bytes.readableBytes <= loop.limits.cacheEntry {
                collected?.body.writeImmutableBuffer(bytes)
            } else {
                collected = nil
                settle(.uncacheable)
            }
        }
        sink.respond(bytes)
    }

    func flush() { sink.flush() }

    func respondEnd() {
        if let collected, case .leading(_, let flight) = state {
            let entry = CacheEntry(
                generations: flight.generations, storedAt: WallClock.now() / 1_000_000, headers: collected.head.headers,
                body: collected.body)
            settle(.entry(entry))
            // Not awaited: the client has its answer, and the store its own short time.
            let lookup = Duration(loop.limits.cacheLookup)
            Task { [cache, key] in
                await cache.store(entry, key: key, timeToLive: collected.timeToLive)
                // Whoever looked before the store had it may join as late as a lookup may take.
                try? await Task.sleep(for: lookup)
                cache.flights.forget(flight)
            }
        } else {
            settle(.uncacheable)
        }
        finish { sink.respondEnd() }
    }

    func refuse(_ problem: Problem) {
        settle(.refused(problem))
        finish { sink.refuse(problem) }
    }

    func breakOff() {
        settle(.abandoned)
        finish { sink.breakOff() }
    }
}
