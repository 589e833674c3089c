import EventThread
import Logging

/// One connection from its beginning to its end; it is never revived.
///
/// Everything is non-blocking: bytes come when the socket is readable, go when it is writable, and whatever takes time has a deadline that
/// is looked at every `tick`. It belongs to one `EventThread`; every call and every call-back is made there.
final class Link {
    private enum Phase: Equatable {
        /// The host's addresses are being looked up.
        case lookingUp
        /// The TCP connection is being made.
        case connecting
        case loggingIn
        case open
        /// `connection.close` was sent, its answer is awaited.
        case closing
        case closed
    }

    /// Output that the kernel has not taken. A publisher stops at this many bytes; acknowledgements and the like go on, their number is
    /// bounded by what was delivered.
    static let outputLimit = 1024 * 1024
    private static let receiveSize = 128 * 1024
    private static let tick: Duration = .seconds(1)
    /// For the broker to answer `connection.close`.
    private static let closeTimeout: Duration = .seconds(2)

    private let configuration: AMQPConfiguration
    private let thread: EventThread
    private weak var owner: (any LinkOwner)?

    private var phase = Phase.lookingUp
    private var lookup: HostLookup?
    private var addresses: [SocketAddress] = []
    private var socket: TCPSocket?
    private var handshake: Handshake
    private var limits = ConnectionLimits(channelMax: 1, frameMax: Handshake.frameMax, heartbeat: 0)

    private var decoder: FrameDecoder
    private var encoder = FrameEncoder(frameMax: Handshake.frameMax)
    private var assembler = ContentAssembler()
    private var replies = ReplyMatcher()
    private var channels = ChannelNumbers()
    private var handlers: [UInt16: WeakHandler] = [:]
    private var whenChannelClosed: [UInt16: () -> Void] = [:]
    /// To be closed soon.
    private var lingering: Set<UInt16> = []

    private var output = OutputBuffer()
    private var isFlushScheduled = false
    private var isWaitingForRoom = false
    private var isWatchingWrites = false
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: Link.receiveSize, alignment: 16)

    private var phaseTimer: EventThread.TimerID?
    private var tickTimer: EventThread.TimerID?
    private var lastSent = ContinuousClock.now
    private var lastReceived = ContinuousClock.now
    private var whenClosed: [() -> Void] = []

    private struct WeakHandler {
        weak var handler: (any ChannelHandler)?
    }

    init(configuration: AMQPConfiguration, thread: EventThread, owner: any LinkOwner) throws(AMQPError) {
        self.configuration = configuration
        self.thread = thread
        self.owner = owner
        handshake = Handshake(configuration)
        decoder = try FrameDecoder()
    }

    deinit {
        input.deallocate()
    }

    var isOpen: Bool { phase == .open }
    /// Whether a publisher may send.
    var hasRoom: Bool { output.count < Self.outputLimit }

    // MARK: - Beginning

    /// - Throws: when it cannot even begin; otherwise the owner hears how it went, at the latest after `connectTimeout`.
    func start() throws(AMQPError) {
        let timeout = configuration.connectTimeout
        phaseTimer = thread.schedule(after: timeout) { [weak self] in
            guard let self else { return }
            fail(AMQPError(.notConnected, "no connection to the broker at \(address) within \(timeout)"))
        }
        if let numeric = try? SocketAddress.lookUp(host: configuration.host, port: configuration.port, isNumeric: true) {
            try connect(toAnyOf: numeric)
        } else {
            lookup = try HostLookup(host: configuration.host, port: configuration.port, thread: thread) { [weak self] result in
                guard let self else { return }
                attempt { () throws(AMQPError) in try connect(toAnyOf: result.get()) }
            }
        }
    }

    private var address: String { "\(configuration.host):\(configuration.port)" }

    /// The first that can be tried; the others remain for when it fails.
    private func connect(toAnyOf candidates: [SocketAddress]) throws(AMQPError) {
        phase = .connecting
        addresses = candidates
        var last = AMQPError(.notConnected, "the broker's host \(configuration.host) has no address")
        while !addresses.isEmpty {
            do {
                let socket = try TCPSocket(connectingTo: addresses.removeFirst())
                self.socket = socket
                isWatchingWrites = true
                thread.watch(socket.descriptor, for: [.read, .write]) { [weak self] in self?.socketBecameReady() }
                return
            } catch {
                last = error
            }
        }
        throw last
    }

    private func finishConnecting(_ socket: TCPSocket) throws(AMQPError) {
        do {
            try socket.finishConnecting()
        } catch {
            forgetSocket()
            guard !addresses.isEmpty else {
                throw AMQPError(error.code, "\(error.message) (\(address))")
            }
            return try connect(toAnyOf: addresses)
        }
        phase = .loggingIn
        lastReceived = .now
        output.append(FrameEncoder.protocolHeader)
        try flush()
    }

    private func opened() {
        phase = .open
        if let phaseTimer { thread.cancel(phaseTimer) }
        phaseTimer = nil
        channels = ChannelNumbers(highest: limits.channelMax)
        scheduleTick()
        owner?.linkOpened(self)
    }

    // MARK: - Sending

    /// Sends a method; its answer, if it has one, comes as an event of the channel. A no-op when the link is not open any more.
    func send(_ method: ClientMethod, channel: UInt16) throws(AMQPError) {
        guard phase == .open || (phase == .closing && channel == 0) || phase == .loggingIn else { return }
        try encoder.append(method, channel: channel, to: &output)
        if let reply = method.expectedReply {
            replies.expect(reply, channel: channel, deadline: .now + configuration.replyTimeout)
        }
        scheduleFlush()
    }

    /// - Throws: `.invalidArgument` for what cannot be put on the wire.
    func publish(_ message: AMQPMessage, exchange: String, routingKey: String, channel: UInt16) throws(AMQPError) {
        try encoder.append(message, by: .publish(exchange: exchange, routingKey: routingKey), channel: channel, to: &output)
        if !hasRoom { isWaitingForRoom = true }
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        // Everything that is sent in this turn goes in one call, and no sender is called back while it sends.
        thread.afterTurn { [weak self] in
            guard let self else { return }
            isFlushScheduled = false
            attempt { () throws(AMQPError) in try flush() }
        }
    }

    private func flush() throws(AMQPError) {
        guard let socket, phase != .connecting else { return }
        var failure: AMQPError?
        while !output.isEmpty {
            let sent = output.withUnsafeBytes { bytes -> Int in
                do throws(AMQPError) {
                    return try socket.send(bytes)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            guard sent > 0 else { break }
            output.removeFirst(sent)
            lastSent = .now
        }
        watch(writes: !output.isEmpty)
        if isWaitingForRoom, hasRoom {
            isWaitingForRoom = false
            owner?.linkHasRoom(self)
        }
    }

    private func watch(writes: Bool) {
        guard let socket, writes != isWatchingWrites else { return }
        isWatchingWrites = writes
        thread.watch(socket.descriptor, for: writes ? [.read, .write] : .read) { [weak self] in self?.socketBecameReady() }
    }

    // MARK: - Channels

    /// - Returns: a free channel's number, nil when all are in use. Its events go to `handler` until it is closed.
    func openChannel(_ handler: any ChannelHandler) throws(AMQPError) -> UInt16? {
        guard phase == .open, let channel = channels.take() else { return nil }
        handlers[channel] = WeakHandler(handler: handler)
        try send(.channelOpen, channel: channel)
        return channel
    }

    /// Its events end here.
    /// - Parameter delay: until the broker is told.
    func closeChannel(_ channel: UInt16, after delay: Duration = .zero) {
        guard phase == .open, handlers.removeValue(forKey: channel) != nil else { return }
        guard delay > .zero else { return sendChannelClose(channel) }
        lingering.insert(channel)
        thread.schedule(after: delay) { [weak self] in
            // The broker may have closed it meanwhile.
            if self?.lingering.remove(channel) != nil { self?.sendChannelClose(channel) }
        }
    }

    private func sendChannelClose(_ channel: UInt16) {
        guard phase == .open else { return }
        attempt { () throws(AMQPError) in try send(.channelClose, channel: channel) }
    }

    /// - Parameter completion: called once, when the open channel is closed, by whomever, and everything on it with it.
    func whenClosed(_ channel: UInt16, _ completion: @escaping () -> Void) {
        guard phase == .open, handlers[channel] != nil else { return completion() }
        whenChannelClosed[channel] = completion
    }

    // MARK: - Receiving

    private func socketBecameReady() {
        guard let socket else { return }
        attempt { () throws(AMQPError) in
            if phase == .connecting { return try finishConnecting(socket) }
            if isWatchingWrites { try flush() }
            try receive(from: socket)
        }
    }

    private func receive(from socket: TCPSocket) throws(AMQPError) {
        guard let count = try socket.receive(into: input) else { return }
        lastReceived = .now
        // All frames are copies by the time the first is looked at: what a handler does may end this link.
        for frame in try decoder.decode(UnsafeRawBufferPointer(rebasing: input[..<count])) {
            guard phase != .closed else { return }
            try received(frame)
        }
    }

    private func received(_ frame: Frame) throws(AMQPError) {
        switch frame {
        case .method(let method, channel: 0): try receivedOnConnection(method)
        case .method(let method, let channel): try received(method, channel)
        case .header(let properties, let bodySize, let channel):
            try forward(assembler.received(properties, bodySize: bodySize, channel: channel), channel)
        case .body(let part, let channel): try forward(assembler.received(part, channel: channel), channel)
        }
    }

    private func receivedOnConnection(_ method: ServerMethod) throws(AMQPError) {
        switch method {
        case .connectionClose(let code, let text):
            try? send(.connectionCloseOk, channel: 0)
            try? flush()
            throw AMQPError(replyCode: code, replyText: text)
        case .connectionCloseOk where phase == .closing: end()
        case .connectionBlocked(let reason): owner?.linkBlocked(self, reason: reason)
        case .connectionUnblocked: owner?.linkUnblocked(self)
        default:
            guard phase == .loggingIn else { return }
            switch try handshake.received(method) {
            case .send(let methods): for method in methods { try send(method, channel: 0) }
            case .apply(let limits, let methods):
                self.limits = limits
                try decoder.apply(limits)
                encoder.apply(limits)
                for method in methods { try send(method, channel: 0) }
            case .finished: opened()
            }
        }
    }

    private func received(_ method: ServerMethod, _ channel: UInt16) throws(AMQPError) {
        switch method {
        case .deliver(let deliver): try assembler.began(deliver, channel: channel)
        case .returned(let returned): try assembler.began(returned, channel: channel)
        case .ack(let sequence, let isMultiple): forward(.acknowledged(sequence: sequence, isMultiple: isMultiple), channel)
        case .nack(let sequence, let isMultiple): forward(.negativelyAcknowledged(sequence: sequence, isMultiple: isMultiple), channel)
        case .consumerCancelled: forward(.consumerCancelled, channel)
        case .channelFlow(let isActive):
            try send(.channelFlowOk(isActive: isActive), channel: channel)
            forward(.flowChanged(isActive: isActive), channel)
        case .channelClose(let code, let text):
            try send(.channelCloseOk, channel: channel)
            replies.forget(channel: channel)
            assembler.forget(channel: channel)
            if lingering.remove(channel) != nil { channels.putBack(channel) }
            // When our own close crossed it, an answer to that may still come; the number is not used again on this link.
            defer { whenChannelClosed.removeValue(forKey: channel)?() }
            guard let handler = handlers.removeValue(forKey: channel) else { return }
            channels.putBack(channel)
            handler.handler?.received(.closed(AMQPError(replyCode: code, replyText: text)))
        default:
            guard let reply = method.reply else { return }
            guard replies.received(reply, channel: channel) else {
                if reply == .channelCloseOk { return }
                throw AMQPError(.protocolViolation, "the broker sent \(reply), which answers nothing")
            }
            if reply == .channelCloseOk {
                assembler.forget(channel: channel)
                channels.putBack(channel)
                whenChannelClosed.removeValue(forKey: channel)?()
            }
            forward(.replied(method), channel)
        }
    }

    private func forward(_ content: ContentAssembler.Content?, _ channel: UInt16) {
        switch content {
        case .delivered(let deliver, let message): forward(.delivered(deliver, message), channel)
        case .returned(let returned, let message): forward(.returned(returned, message), channel)
        case nil: break
        }
    }

    private func forward(_ event: ChannelEvent, _ channel: UInt16) {
        handlers[channel]?.handler?.received(event)
    }

    // MARK: - Time

    private func scheduleTick() {
        tickTimer = thread.schedule(after: Self.tick) { [weak self] in
            guard let self else { return }
            attempt { () throws(AMQPError) in try ticked() }
            if phase == .open { scheduleTick() }
        }
    }

    private func ticked() throws(AMQPError) {
        let now = ContinuousClock.now
        if let reply = replies.firstOverdue(at: now) {
            throw AMQPError(.notConnected, "the broker did not answer (\(reply)) within \(configuration.replyTimeout)")
        }
        guard limits.heartbeat > 0 else { return }
        let heartbeat = Duration.seconds(limits.heartbeat)
        if lastReceived.duration(to: now) >= heartbeat * 2 {
            // The process may have been stopped for a while, and the bytes be there.
            if let socket { try receive(from: socket) }
            guard lastReceived.duration(to: now) < heartbeat * 2 else {
                throw AMQPError(.notConnected, "nothing came from the broker for \(heartbeat * 2)")
            }
        }
        // With output pending the kernel takes nothing; a heartbeat behind it would not say more.
        if phase == .open, lastSent.duration(to: now) >= heartbeat / 2, output.isEmpty {
            output.append(FrameEncoder.heartbeat)
            try flush()
        }
    }

    // MARK: - End

    /// Says good-bye to the broker. The owner hears nothing of it.
    /// - Parameter completion: called when the broker has answered or `closeTimeout` has passed.
    func close(_ completion: @escaping () -> Void) {
        guard phase != .closed else { return completion() }
        owner = nil
        whenClosed.append(completion)
        guard phase == .open else {
            if phase != .closing { end() }
            return
        }
        attempt { () throws(AMQPError) in
            try send(.connectionClose(code: 200, text: "closed by the client"), channel: 0)
            phase = .closing
            phaseTimer = thread.schedule(after: Self.closeTimeout) { [weak self] in self?.end() }
            try flush()
        }
    }

    /// Ends the link with no word to the broker or to the owner.
    func end() {
        guard phase != .closed else { return }
        phase = .closed
        owner = nil
        lookup?.cancel()
        lookup = nil
        forgetSocket()
        for timer in [phaseTimer, tickTimer] { if let timer { thread.cancel(timer) } }
        handlers = [:]
        let completions = whenClosed + whenChannelClosed.values
        whenClosed = []
        whenChannelClosed = [:]
        for completion in completions { completion() }
    }

    private func fail(_ error: AMQPError) {
        guard phase != .closed else { return }
        let (owner, error) = (owner, phase == .loggingIn ? handshake.explain(error) : error)
        end()
        owner?.linkFailed(self, error)
    }

    private func attempt(_ body: () throws(AMQPError) -> Void) {
        do {
            try body()
        } catch {
            fail(error)
        }
    }

    private func forgetSocket() {
        if let socket { thread.unwatch(socket.descriptor) }
        socket = nil
        isWatchingWrites = false
    }
}
