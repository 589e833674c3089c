import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A stand-in for an OpenTelemetry collector: takes spans by OTLP/HTTP and answers with the status that it is told to.
final class Collector: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: [String: String]
        var body: String
    }

    private struct State {
        var requests: [Request] = []
        var status = HTTPResponseStatus.ok
        var answer = "{}"
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    var requests: [Request] { state.withLock { $0.requests } }

    func answer(_ status: HTTPResponseStatus, _ body: String = "{}") {
        state.withLock { state in
            state.status = status
            state.answer = body
        }
    }

    /// - Returns: its port.
    func start(port: Int = 0) async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(collector: self))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.channel.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    func stop() async throws {
        try await channel.withLock { $0 }?.close()
    }

    fileprivate func take(_ request: Request) -> (HTTPResponseStatus, String) {
        state.withLock { state in
            state.requests.append(request)
            return (state.status, state.answer)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let collector: Collector
        private var request = Request(path: "", headers: [:], body: "")

        init(collector: Collector) { self.collector = collector }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch Self.unwrapInboundIn(data) {
            case .head(let head):
                request = Request(path: head.uri, headers: [:], body: "")
                for (name, value) in head.headers { request.headers[name.lowercased()] = value }
            case .body(let bytes): request.body += String(buffer: bytes)
            case .end:
                let (status, text) = collector.take(request)
                let headers = HTTPHeaders([("Content-Length", String(text.utf8.count)), ("Connection", "close")])
                context.write(Self.wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
                context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
