import Glibc
import NIOCore
import NIOHTTP1

/// Who is told of the response on an `UpstreamConnection`.
protocol UpstreamDelegate: AnyObject {
    func upstreamResponded(_ head: HTTPResponseHead)
    func upstreamResponded(_ bytes: ByteBuffer)
    /// Nothing more has come for now. The connection reads on once `read()` is called.
    func upstreamPaused()
    /// - Parameter isReusable: as far as the response goes; the request must have been written to its end too.
    func upstreamEnded(isReusable: Bool)
    /// The connection is gone before the response's end.
    func upstreamFailed(_ error: (any Error)?)
    func upstreamBecameWritable()
}

/// One connection to an instance; it serves one request at a time.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    let endpoint: Endpoint
    private unowned let pool: UpstreamPool
    private var context: ChannelHandlerContext?
    private var socket: (any SocketOptionProvider)?
    private var delegate: (any UpstreamDelegate)?
    private var isReusable = true
    private(set) var served = 0
    /// Of the last response's end; meaningful while idle.
    private(set) var idleSince = NIODeadline.now()

    init(endpoint: Endpoint, pool: UpstreamPool) {
        self.endpoint = endpoint
        self.pool = pool
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = context.channel as? any SocketOptionProvider
    }

    var isOpen: Bool { context?.channel.isActive ?? false }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Asks the kernel, which knows of the other side's close before the event loop does. For requests that cannot be sent again.
    var isEstablished: Bool {
        guard isOpen, let socket else { return isOpen }
        var state: UInt8 = 0
        socket.unsafeGetSocketOption(level: SocketOptionLevel(IPPROTO_TCP), name: SocketOptionName(TCP_INFO))
            .assumeIsolated().whenSuccess { (first: UInt8) in state = first }
        // TCP_ESTABLISHED; tcp_info begins with the state.
        return state == 1
    }

    // MARK: Sending

    func send(_ head: HTTPRequestHead, for delegate: any UpstreamDelegate) {
        self.delegate = delegate
        isReusable = true
        context?.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    func send(_ bytes: ByteBuffer) { context?.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil) }
    func sendEnd() { context?.write(Self.wrapOutboundOut(.end(nil)), promise: nil) }
    func flush() { context?.flush() }
    func read() { context?.read() }

    /// The delegate wants no more of it.
    func abandon() {
        delegate = nil
        context?.close(promise: nil)
    }

    func close() { context?.close(promise: nil) }

    // MARK: Receiving

    func channelActive(context: ChannelHandlerContext) {
        pool.opened()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let delegate else {
            // Nobody asked: whatever this is, it must not become the next request's answer.
            context.close(promise: nil)
            return
        }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            isReusable = head.isKeepAlive
            delegate.upstreamResponded(head)
        case .body(let bytes): delegate.upstreamResponded(bytes)
        case .end:
            self.delegate = nil
            served += 1
            idleSince = .now()
            delegate.upstreamEnded(isReusable: isReusable && isOpen)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let delegate {
            delegate.upstreamPaused()
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { delegate?.upstreamBecameWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        socket = nil
        pool.closed(self)
        fail(nil)
    }

    private func fail(_ error: (any Error)?) {
        guard let delegate else { return }
        self.delegate = nil
        delegate.upstreamFailed(error)
    }
}
