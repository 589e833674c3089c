import NIOCore
import NIOHTTP1

/// One client's connection: takes its requests one after the other, hands each to an `Exchange`, and writes what that answers.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let loop: GatewayLoop
    private let listener: Listener
    private var context: ChannelHandlerContext?
    private var state = ClientConnectionState()
    private var exchange: (any Exchange)?
    private var record: RequestRecord?
    private var clientAddress: String?
    /// Parts of requests that came before the response to the one before them was out.
    private var pipelined = CircularBuffer<HTTPServerRequestPart>()
    private var isTakingPipelined = false
    private var deadline: NIODeadline
    private var stallTimeout = TimeAmount.zero
    private var isHeadArriving = false
    private var lingeredBytes = 0
    private var isHTTP10 = false
    private var isBodiless = false
    private var owesContinue = false

    init(loop: GatewayLoop, listener: Listener) {
        self.loop = loop
        self.listener = listener
        deadline = .now() + loop.limits.headTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        clientAddress = context.channel.remoteAddress?.ipAddress
    }

    func channelActive(context: ChannelHandlerContext) {
        clientAddress = context.channel.remoteAddress?.ipAddress
        loop.opened(self)
        readIfWanted()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let wasExchanging = state.isExchanging
        state.closed()
        self.context = nil
        pipelined.removeAll()
        loop.closed(self)
        guard wasExchanging else { return }
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientGone()
        finishRecord(status: RequestRecord.clientClosedRequest)
    }

    // MARK: Receiving

    func bytesArrived() {
        guard state.phase == .awaiting, !isHeadArriving else { return }
        isHeadArriving = true
        deadline = .now() + loop.limits.headTimeout
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        switch state.phase {
        case .closed: return
        case .lingering:
            if case .body(let bytes) = part { lingeredBytes += bytes.readableBytes }
            if lingeredBytes > loop.limits.lingerBytes { context.close(promise: nil) }
        case .awaiting where pipelined.isEmpty, .exchanging(isRequestWhole: false, _) where pipelined.isEmpty: take(part)
        case .awaiting, .exchanging: pipelined.append(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { readIfWanted() }

    private func readIfWanted() {
        let wantsRead =
            switch state.phase {
            case .closed: false
            case .lingering: true
            case .awaiting: pipelined.isEmpty
            case .exchanging(isRequestWhole: false, _): exchange?.wantsRequestBody ?? false
            // Reading on shows when the client leaves, and saves two system calls a request.
            case .exchanging: pipelined.count < loop.limits.pipelinedParts
            }
        if wantsRead { context?.read() }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): begin(head)
        case .body(let bytes):
            owesContinue = false
            exchange?.requestBody(bytes)
        case .end:
            state.requestEnded()
            exchange?.requestEnded()
        }
    }

    private func takePipelined() {
        guard !isTakingPipelined else { return }
        isTakingPipelined = true
        defer { isTakingPipelined = false }
        while let part = pipelined.first, state.phase == .awaiting || state.isReceivingRequest {
            pipelined.removeFirst()
            take(part)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let now = NIODeadline.now()
        isHeadArriving = false
        isHTTP10 = head.version == .http1_0
        isBodiless = head.method == .HEAD
        // After an upgrade's head the decoder takes nothing for HTTP any more.
        state.headReceived(keepsAlive: head.isKeepAlive && !head.headers.contains(name: "upgrade"))
        let requestID = RequestIdentifier.of(headers: head.headers["x-request-id"], random: &loop.random)
        var trace = TraceContext(headers: head.headers["traceparent"], random: &loop.random)
        let record = RequestRecord(
            method: head.method.rawValue, path: String(head.uri.prefix { $0 != "?" }), requestID: requestID, traceID: String(trace.traceID),
            clientAddress: clientAddress ?? "", startedAt: now)
        self.record = record
        deadline = now + loop.limits.headTimeout
        do {
            let expectation = try Self.expectation(of: head)
            if listener != .routes, let own = OwnExchange(head, loop: loop, isAlone: listener == .health, sink: self) {
                exchange = own
            } else {
                let admission = try Admission(of: head, routes: loop.snapshot.routes, limits: loop.limits)
                record.route = admission.route
                loop.shared.tracing?.begin(&trace, method: record.method)
                record.spans = trace.spans
                deadline = now + admission.route.timeout
                stallTimeout = admission.route.timeout
                let forwarding = HeaderRules.Forwarding(
                    clientAddress: clientAddress, host: admission.host, requestID: requestID, traceparent: trace.traceparent,
                    isTraceContinued: trace.isContinued)
                exchange = loop.exchange(
                    for: AcceptedRequest(head: head, admission: admission, forwarding: forwarding, record: record), sink: self)
            }
            owesContinue = expectation
            exchange?.begin()
        } catch {
            refuse(error, before: head)
        }
    }

    private func refuse(_ problem: Problem, before head: HTTPRequestHead) {
        owesContinue = false
        let framing = (try? BodyFraming.ofRequest(head)) ?? .chunked
        if case .length(let length) = framing, length > loop.limits.discardedBody || head.headers.contains(name: "expect") {
            refuse(problem)
        } else {
            exchange = RefusedExchange(problem, longest: loop.limits.discardedBody, sink: self)
        }
    }

    /// - Returns: whether the client waits for `100 Continue` before it sends its body.
    private static func expectation(of head: HTTPRequestHead) throws(Problem) -> Bool {
        guard let expectation = head.headers.first(name: "expect"), head.version == .http1_1 else { return false }
        guard expectation.equalsIgnoringCase("100-continue") else {
            throw Problem(.expectationFailed, "the only expectation met is 100-continue")
        }
        return true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.close(promise: nil)
            return
        }
        state.inputBroke()
        switch state.phase {
        case .closed, .lingering: context.close(promise: nil)
        // The response to the request before is still owed.
        case .exchanging(isRequestWhole: true, _): break
        case .exchanging(_, hasResponseBegun: true): breakOff()
        case .exchanging, .awaiting: refuseUnreadable(error as? HTTPParserError)
        }
    }

    private func refuseUnreadable(_ error: HTTPParserError?) {
        if state.phase == .awaiting {
            isHTTP10 = false
            isBodiless = false
            state.headReceived(keepsAlive: false)
            let requestID = RequestIdentifier.of(headers: [], random: &loop.random)
            record = RequestRecord(
                method: "-", path: "-", requestID: requestID, traceID: "", clientAddress: clientAddress ?? "", startedAt: .now())
        } else {
            exchange?.clientGone()
        }
        switch error {
        case .headerOverflow?:
            refuse(Problem(.requestHeaderFieldsTooLarge, "the request's head is larger than \(loop.limits.headerList) bytes"))
        case .invalidMethod?: refuse(Problem(.notImplemented, "the method is not known here"))
        case .invalidVersion?: refuse(Problem(.httpVersionNotSupported, "the version of HTTP is not served here"))
        default: refuse(Problem(.badRequest, "the request is not valid HTTP/1.1"))
        }
    }

    // MARK: Time

    func tick(_ now: NIODeadline) {
        guard now >= deadline else { return }
        deadline = now + loop.limits.headTimeout
        switch state.phase {
        case .closed: break
        case .lingering: context?.close(promise: nil)
        case .exchanging: exchange?.timedOut()
        case .awaiting where isHeadArriving && context != nil:
            state.headReceived(keepsAlive: false)
            record = RequestRecord(
                method: "-", path: "-", requestID: "", traceID: "", clientAddress: clientAddress ?? "", startedAt: now)
            refuse(Problem(.requestTimeout, "the request's head did not arrive in time"))
        case .awaiting: context?.close(promise: nil)
        }
    }

    /// The gateway stops: a connection without a request is closed soon, one with a request after its response.
    func drain(_ now: NIODeadline) {
        if state.phase == .awaiting, !isHeadArriving { deadline = min(deadline, now + loop.limits.drainIdle) }
    }

    func cutOff() { context?.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.clientBecameWritable() }
    }

    private func finishRecord(status: Int? = nil) {
        guard let record else { return }
        self.record = nil
        if let status { record.status = status }
        loop.finished(record)
    }
}

extension ClientConnection: ResponseSink {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func bodyWanted() {
        guard let context, state.isReceivingRequest else { return }
        if owesContinue {
            owesContinue = false
            context.writeAndFlush(Self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        readIfWanted()
    }

    func respond(_ head: ResponseHead) {
        guard let context, state.isExchanging, !state.hasResponseBegun, let record else { return }
        var headers = head.headers
        isBodiless = isBodiless || head.status == .noContent || head.status == .notModified
        var allowsReuse = !loop.isDraining
        if let length = head.length {
            if head.status != .noContent { headers.add(name: "Content-Length", value: String(length)) }
        } else if !isBodiless {
            if isHTTP10 { allowsReuse = false } else { headers.add(name: "Transfer-Encoding", value: "chunked") }
        }
        let keepsAlive = state.responseBegan(allowsReuse: allowsReuse)
        if !keepsAlive {
            headers.add(name: "Connection", value: "close")
        } else if isHTTP10 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        if !record.requestID.isEmpty { headers.add(name: "X-Request-Id", value: record.requestID) }
        if let cache = record.cache { headers.add(name: "X-Cache", value: cache.rawValue) }
        record.status = Int(head.status.code)
        deadline = .now() + max(stallTimeout, loop.limits.headTimeout)
        let version = isHTTP10 ? HTTPVersion.http1_0 : .http1_1
        context.write(Self.wrapOutboundOut(.head(HTTPResponseHead(version: version, status: head.status, headers: headers))), promise: nil)
    }

    func respond(_ bytes: ByteBuffer) {
        guard let context, state.hasResponseBegun, !isBodiless else { return }
        record?.bytes += bytes.readableBytes
        deadline = .now() + max(stallTimeout, loop.limits.headTimeout)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    }

    func flush() { context?.flush() }

    func respondEnd() {
        guard let context, state.hasResponseBegun else { return }
        exchange = nil
        finishRecord()
        switch state.responseEnded() {
        case .nextRequest:
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            deadline = .now() + (loop.isDraining ? loop.limits.drainIdle : loop.limits.clientIdleTimeout)
            takePipelined()
            readIfWanted()
        case .linger:
            deadline = .now() + loop.limits.lingerTimeout
            writeEnd(context, thenClose: .output)
            readIfWanted()
        case .close:
            deadline = .now() + loop.limits.clientIdleTimeout
            writeEnd(context, thenClose: .all)
        }
    }

    private func writeEnd(_ context: ChannelHandlerContext, thenClose mode: CloseMode) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            // A client that is gone already has closed the rest.
            self.context?.close(mode: mode, promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
    }

    func refuse(_ problem: Problem) {
        guard state.isExchanging, !state.hasResponseBegun, let record else { return }
        owesContinue = false
        var head = problem.response()
        let body = problem.body(requestID: record.requestID)
        head.length = body.readableBytes
        respond(head)
        respond(body)
        respondEnd()
    }

    func breakOff() {
        guard state.isExchanging else { return }
        exchange = nil
        record?.isCutShort = true
        finishRecord()
        context?.close(promise: nil)
    }
}
