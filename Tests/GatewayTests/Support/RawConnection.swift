import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A client that sends bytes as they are and keeps what comes back.
final class RawConnection: Sendable {
    struct State: Sendable {
        var received: [UInt8] = []
        var count = 0
        var isClosed = false
    }

    private let channel: any Channel
    private let state: Shared

    final class Shared: Sendable {
        let value = Mutex(State())
    }

    /// - Parameter keeps: false: what comes is only counted.
    static func open(port: Int, keeps: Bool = true) async throws -> RawConnection {
        let state = Shared()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(state: state, keeps: keeps))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel: channel, state: state)
    }

    private init(channel: any Channel, state: Shared) {
        self.channel = channel
        self.state = state
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }
    func pauseReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
    func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }
    func close() async { try? await channel.close() }

    var text: String { String(decoding: state.value.withLock { $0.received }, as: UTF8.self) }
    var count: Int { state.value.withLock { $0.count } }
    var isClosed: Bool { state.value.withLock { $0.isClosed } }

    /// What came, once it is enough.
    @discardableResult
    func text(_ what: String = "the answer", until isEnough: (String) -> Bool) async throws -> String {
        try await eventually(what) { isEnough(text) || isClosed }
        guard isEnough(text) else { throw TestSupportError("closed before \(what): \(text)") }
        return text
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let state: Shared
        private let keeps: Bool

        init(state: Shared, keeps: Bool) {
            self.state = state
            self.keeps = keeps
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Self.unwrapInboundIn(data)
            state.value.withLock { state in
                state.count += bytes.readableBytes
                if keeps { state.received += Array(bytes.readableBytesView) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { state.value.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
