import NIOCore
import NIOHTTP1

/// Hands on an answer's body line by line. `@unchecked Sendable`: its state is touched on the channel's event loop alone.
final class LineSplitter: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart

    private let head: EventLoopPromise<HTTPClient.Response>
    private let lines: AsyncThrowingStream<String, any Error>.Continuation
    private let address: HTTPClient.Address
    private let maximumLine: Int
    private var rest: [UInt8] = []

    init(
        head: EventLoopPromise<HTTPClient.Response>, lines: AsyncThrowingStream<String, any Error>.Continuation,
        address: HTTPClient.Address,
        maximumLine: Int
    ) {
        self.head = head
        self.lines = lines
        self.address = address
        self.maximumLine = maximumLine
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let received):
            head.succeed(HTTPClient.Response(status: Int(received.status.code), headers: received.headers.map { ($0.name, $0.value) }))
        case .body(let part):
            rest.append(contentsOf: part.readableBytesView)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.yield(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
            if rest.count > maximumLine {
                fail(HTTPClientError(.tooLarge, "a line of the answer of \(address) is longer than \(maximumLine) bytes"))
                context.close(promise: nil)
            }
        case .end:
            if !rest.isEmpty { lines.yield(String(decoding: rest, as: UTF8.self)) }
            lines.finish()
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(HTTPClientError(.connectionClosed, "\(address) closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(HTTPClientError(.invalidResponse, "\(address) gave no valid HTTP answer: \(error)", underlying: error))
        context.close(promise: nil)
    }

    private func fail(_ error: HTTPClientError) {
        head.fail(error)
        lines.finish(throwing: error)
    }
}
