import NIOCore
import NIOHTTP1

/// Gathers one whole answer. `@unchecked Sendable`: its state is touched on the channel's event loop alone.
final class ResponseCollector: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<HTTPClient.Response>
    private let address: HTTPClient.Address
    private let maximumBody: Int
    private var response = HTTPClient.Response(status: 0)

    init(promise: EventLoopPromise<HTTPClient.Response>, address: HTTPClient.Address, maximumBody: Int) {
        self.promise = promise
        self.address = address
        self.maximumBody = maximumBody
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            response.status = Int(head.status.code)
            response.headers = head.headers.map { ($0.name, $0.value) }
        case .body(let part):
            guard response.body.count + part.readableBytes <= maximumBody else {
                promise.fail(HTTPClientError(.tooLarge, "the answer of \(address) is longer than \(maximumBody) bytes"))
                context.close(promise: nil)
                return
            }
            response.body.append(contentsOf: part.readableBytesView)
        case .end:
            promise.succeed(response)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(HTTPClientError(.connectionClosed, "\(address) closed the connection before its answer was whole"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(HTTPClientError(.invalidResponse, "\(address) gave no valid HTTP answer: \(error)", underlying: error))
        context.close(promise: nil)
    }
}
