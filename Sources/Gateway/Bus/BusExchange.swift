import AMQP
import NIOCore
import NIOHTTP1
import Topology

/// Answers a request by a message to a queue and its reply.
final class BusExchange: Exchange {
    private let request: AcceptedRequest
    private let queue: String
    private let replyMode: Route.ReplyMode
    private let loop: GatewayLoop
    private let sink: any ResponseSink
    private var body = ByteBuffer()
    private var asking: Task<Void, Never>?
    private var isFinished = false

    init(_ request: AcceptedRequest, queue: String, replyMode: Route.ReplyMode, loop: GatewayLoop, sink: any ResponseSink) {
        self.request = request
        self.queue = queue
        self.replyMode = replyMode
        self.loop = loop
        self.sink = sink
        request.record.upstream = "queue \(queue)"
    }

    func begin() { sink.bodyWanted() }

    func requestBody(_ bytes: ByteBuffer) {
        guard !isFinished else { return }
        guard body.readableBytes + bytes.readableBytes <= loop.limits.busRequestBody else {
            finish { sink.refuse(Admission.bodyTooLarge(loop.limits.busRequestBody)) }
            return
        }
        body.writeImmutableBuffer(bytes)
    }

    func requestEnded() {
        guard !isFinished else { return }
        guard let bus = loop.shared.bus else {
            finish { sink.refuse(.unavailable("the gateway was given no broker")) }
            return
        }
        let left = Duration.nanoseconds((request.deadline - .now()).nanoseconds)
        let message: AMQPMessage
        do throws(Problem) {
            message = try BusMessage.request(request, body: body, deadline: WallClock.milliseconds(in: left))
        } catch {
            finish { sink.refuse(error) }
            return
        }
        body.clear()
        request.record.upstreamAskedAt = .now()
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (queue, replyMode, eventLoop) = (queue, replyMode, loop.eventLoop)
        // Not awaited: its end is `answered`, and `clientGone` and `timedOut` cancel it.
        asking = Task {
            let result: Result<AMQPMessage, AMQPError>
            do throws(AMQPError) {
                result = .success(try await bus.request(message, queue: queue, replyMode: replyMode, deadline: .now + left))
            } catch {
                result = .failure(error)
            }
            eventLoop.execute { [result] in bound.value.answered(result) }
        }
    }

    private func answered(_ result: Result<AMQPMessage, AMQPError>) {
        guard !isFinished else { return }
        do throws(Problem) {
            let reply: AMQPMessage
            switch result {
            case .success(let message): reply = message
            case .failure(let error): throw BusMessage.problem(error, queue: queue, timeout: request.route.route.timeout)
            }
            let head = try BusMessage.response(reply)
            finish {
                sink.respond(head)
                sink.respond(ByteBuffer(bytes: reply.body))
                sink.respondEnd()
            }
        } catch {
            finish { sink.refuse(error) }
        }
    }

    var wantsRequestBody: Bool { true }
    func clientBecameWritable() {}
    func clientGone() { finish {} }

    func timedOut() {
        finish { sink.refuse(Problem(.gatewayTimeout, "\(queue) did not answer within \(request.route.route.timeout)")) }
    }

    private func finish(_ answer: () -> Void) {
        guard !isFinished else { return }
        isFinished = true
        request.record.upstreamEndedAt = .now()
        asking?.cancel()
        asking = nil
        answer()
    }
}
