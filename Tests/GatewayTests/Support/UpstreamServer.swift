import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A service as the gateway sees one, which does what a test tells it.
final class UpstreamServer: Sendable {
    struct Request: Sendable {
        var method: String
        var uri: String
        var headers: [(String, String)]
        var body: [UInt8] = []
        /// Which of the server's connections it came by, from 1.
        var connection: Int

        func values(_ name: String) -> [String] { headers.filter { $0.0.lowercased() == name.lowercased() }.map(\.1) }
    }

    enum Reaction: Sendable {
        case answer(status: Int = 200, headers: [(String, String)] = [], body: String = "")
        /// The connection is closed without an answer.
        case close
        case silence
        /// The head announces more than comes before the connection is closed.
        case partial(String, announced: Int)
        /// So many bytes, chunked, as fast as they are taken.
        case stream(Int)
        /// The request's body, chunked, as it comes.
        case echo
        /// Nothing more is read once the head has come.
        case deaf
    }

    struct State: Sendable {
        /// Those received to their end.
        var requests: [Request] = []
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
        var bytesReceived = 0
    }

    let port: Int
    private let state: SharedState
    private let channel: any Channel

    /// Outlives the initialiser's use in the channel's.
    final class SharedState: Sendable {
        let value = Mutex(State())
    }

    /// - Parameter react: asked when a request's head has come.
    static func start(port: Int = 0, _ react: @escaping @Sendable (Request) -> Reaction) async throws -> UpstreamServer {
        let state = SharedState()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    let number = state.value.withLock { state in
                        state.connections += 1
                        state.open[ObjectIdentifier(channel)] = channel
                        return state.connections
                    }
                    try channel.pipeline.syncOperations.addHandler(UpstreamHandler(number: number, state: state, react: react))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return UpstreamServer(channel: channel, state: state)
    }

    private init(channel: any Channel, state: SharedState) {
        self.channel = channel
        self.state = state
        port = channel.localAddress?.port ?? 0
    }

    var requests: [Request] { state.value.withLock { $0.requests } }
    var connections: Int { state.value.withLock { $0.connections } }
    var openConnections: Int { state.value.withLock { $0.open.count } }
    var bytesReceived: Int { state.value.withLock { $0.bytesReceived } }

    /// As a service does that ends: nothing listens any more, and every connection is closed.
    func stop() async {
        try? await channel.close()
        await closeConnections()
    }

    func closeConnections() async {
        for channel in state.value.withLock({ Array($0.open.values) }) { try? await channel.close() }
    }
}

private final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let number: Int
    private let state: UpstreamServer.SharedState
    private let react: @Sendable (UpstreamServer.Request) -> UpstreamServer.Reaction
    private var request: UpstreamServer.Request?
    private var reaction = UpstreamServer.Reaction.silence
    private var streamed = 0
    private var isStreaming = false

    init(number: Int, state: UpstreamServer.SharedState, react: @escaping @Sendable (UpstreamServer.Request) -> UpstreamServer.Reaction) {
        self.number = number
        self.state = state
        self.react = react
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            let request = UpstreamServer.Request(
                method: head.method.rawValue, uri: head.uri, headers: head.headers.map { ($0.name, $0.value) }, connection: number)
            self.request = request
            reaction = react(request)
            if case .deaf = reaction { _ = context.channel.setOption(.autoRead, value: false) }
            if case .echo = reaction { write(context, .head(response(200, [("Transfer-Encoding", "chunked")]))) }
        case .body(let bytes):
            state.value.withLock { $0.bytesReceived += bytes.readableBytes }
            if case .echo = reaction {
                context.writeAndFlush(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            } else if (request?.body.count ?? 0) < 1 << 20 {
                request?.body += Array(bytes.readableBytesView)
            }
        case .end:
            if let request { state.value.withLock { $0.requests.append(request) } }
            answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        switch reaction {
        case .answer(let status, let headers, let body):
            let isBodiless = request?.method == "HEAD" || status == 204 || status == 304
            write(context, .head(response(status, headers + (status == 204 ? [] : [("Content-Length", String(body.utf8.count))]))))
            if !isBodiless { write(context, .body(.byteBuffer(ByteBuffer(string: body)))) }
            write(context, .end(nil))
            context.flush()
        case .close: context.close(promise: nil)
        case .silence, .deaf: break
        case .partial(let body, let announced):
            write(context, .head(response(200, [("Content-Length", String(announced))])))
            let written = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: written)
        case .stream(let bytes):
            streamed = bytes
            write(context, .head(response(200, [("Transfer-Encoding", "chunked")])))
            stream(context)
        case .echo:
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func stream(_ context: ChannelHandlerContext) {
        // Writing calls back by the change of writability.
        guard case .stream = reaction, streamed >= 0, !isStreaming else { return }
        isStreaming = true
        defer { isStreaming = false }
        while streamed > 0, context.channel.isWritable {
            let count = min(streamed, 64 << 10)
            streamed -= count
            context.writeAndFlush(
                Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: UInt8(ascii: "x"), count: count)))), promise: nil)
        }
        if streamed == 0 {
            streamed = -1
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { stream(context) }

    func channelInactive(context: ChannelHandlerContext) {
        state.value.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(context.channel)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func response(_ status: Int, _ headers: [(String, String)]) -> HTTPResponseHead {
        HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: HTTPHeaders(headers))
    }

    private func write(_ context: ChannelHandlerContext, _ part: HTTPServerResponsePart) {
        context.write(Self.wrapOutboundOut(part), promise: nil)
    }
}
