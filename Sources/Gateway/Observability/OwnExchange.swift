import NIOCore
import NIOHTTP1

/// The gateway's own health and metrics.
final class OwnExchange: Exchange {
    private enum Question: String {
        case live = "/health/live"
        case ready = "/health/ready"
        case metrics = "/metrics"
    }

    /// Nil: some other path, on a listener of its own.
    private let question: Question?
    private let loop: GatewayLoop
    private let sink: any ResponseSink
    private var isFinished = false

    /// Nil when the request is not for this.
    /// - Parameter isAlone: whether the listener serves nothing else.
    init?(_ head: HTTPRequestHead, loop: GatewayLoop, isAlone: Bool, sink: any ResponseSink) {
        let path = String(head.uri.prefix { $0 != "?" })
        question = Question(rawValue: path)
        self.loop = loop
        self.sink = sink
        if isAlone { return }
        guard question != nil, head.method == .GET || head.method == .HEAD,
            case .notFound = loop.snapshot.routes.match(method: head.method.rawValue, path: path)
        else { return nil }
    }

    func begin() {}
    func requestBody(_ bytes: ByteBuffer) {}

    func requestEnded() {
        switch question {
        case .live: answer(.ok, "{\"status\":\"live\"}")
        case .ready:
            if let reason = loop.shared.reasonNotReady {
                finish { sink.refuse(.unavailable(reason)) }
            } else {
                answer(.ok, "{\"status\":\"ready\"}")
            }
        case .metrics:
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            loop.shared.collectMetrics(on: loop.eventLoop).assumeIsolated().whenSuccess { snapshot in
                let exchange = bound.value
                let text = PrometheusText.render(
                    snapshot, droppedLogLines: exchange.loop.shared.accessLog?.dropped ?? 0,
                    spans: exchange.loop.shared.tracing?.counts)
                exchange.answer(.ok, text, contentType: "text/plain; version=0.0.4; charset=utf-8")
            }
        case nil: finish { sink.refuse(Problem(.notFound, "there are /health/live, /health/ready and /metrics")) }
        }
    }

    private func answer(_ status: HTTPResponseStatus, _ text: String, contentType: String = "application/json") {
        finish {
            let headers = HTTPHeaders([("Content-Type", contentType), ("Cache-Control", "no-store")])
            sink.respond(ResponseHead(status: status, headers: headers, length: text.utf8.count))
            sink.respond(ByteBuffer(string: text))
            sink.respondEnd()
        }
    }

    private func finish(_ body: () -> Void) {
        guard !isFinished else { return }
        isFinished = true
        body()
    }

    var wantsRequestBody: Bool { true }
    func clientBecameWritable() {}
    func clientGone() { isFinished = true }
    func timedOut() { finish { sink.refuse(Problem(.gatewayTimeout, "the gateway is too busy to answer for itself")) } }
}
