import NIOCore
import Topology
import TraceStore

/// A request's spans: the gateway's own, and the one of what it asks an upstream for its sake. They are put together when the request is over,
/// from what was noted for the log, so that a request on its way costs two identifiers.
final class GatewayTracing: Sendable {
    private static let readingMethods: Set<String> = ["GET", "HEAD", "OPTIONS"]

    private let sampling: TraceSampling
    private let sink: SpanSink

    init(sampling: TraceSampling, sink: SpanSink) {
        self.sampling = sampling
        self.sink = sink
    }

    var counts: SpanSink.Counts { sink.counts }

    func close() async { await sink.close() }

    /// - Parameter context: of a request that a route takes; it is told what the upstream gets to see.
    func begin(_ context: inout TraceContext, method: String) {
        let client = SpanContext(traceparent: context.traceparent)
        guard let traceID = client?.traceID else { return }
        let isSampled = sampling.isSampledAtEdge(
            traceID: traceID, parent: context.isContinued ? client : nil, cause: Self.readingMethods.contains(method) ? .read : .work)
        let server = SpanContext(traceID: traceID, spanID: .random(), isSampled: isSampled)
        let upstream = SpanContext(traceID: traceID, spanID: .random(), isSampled: isSampled)
        context.traceparent = upstream.traceparent
        if isSampled {
            context.spans = RequestSpans(server: server, upstream: upstream, parent: context.isContinued ? client?.spanID : nil)
        }
    }

    func finished(_ record: RequestRecord, duration: TimeAmount) {
        guard let spans = record.spans else { return }
        let now = UInt64(clamping: WallClock.now())
        let start = now &- min(now, UInt64(clamping: duration.nanoseconds))
        sink.record(
            FinishedSpan(
                context: spans.server, parent: spans.parent, name: "\(record.method) \(record.route?.label ?? "")", kind: .server,
                start: start,
                end: now, attributes: Self.serverAttributes(of: record), outcome: Self.outcome(of: record)))
        guard let asked = record.upstreamAskedAt else { return }
        let begin = start &+ UInt64(clamping: (asked - record.startedAt).nanoseconds)
        let end = record.upstreamEndedAt.map { start &+ UInt64(clamping: ($0 - record.startedAt).nanoseconds) } ?? now
        sink.record(
            FinishedSpan(
                context: spans.upstream, parent: spans.server.spanID, name: "\(record.method) \(record.upstream)", kind: .client,
                start: begin,
                end: min(end, now), attributes: Self.clientAttributes(of: record), outcome: Self.outcome(of: record)))
    }

    private static func serverAttributes(of record: RequestRecord) -> SpanAttributeList {
        var list: SpanAttributeList = [
            "http.request.method": .string(record.method), "url.path": .string(record.path),
            "http.response.status_code": .int(Int64(record.status)), "signalbox.request_id": .string(record.requestID),
        ]
        if let route = record.route { list.add("http.route", .string(route.label)) }
        if !record.clientAddress.isEmpty { list.add("client.address", .string(record.clientAddress)) }
        if let cache = record.cache { list.add("signalbox.cache", .string(cache.rawValue)) }
        return list
    }

    private static func clientAttributes(of record: RequestRecord) -> SpanAttributeList {
        if case .queue(let queue, _)? = record.route?.route.target {
            return [
                "messaging.system": .string("rabbitmq"), "messaging.destination.name": .string(queue),
                "messaging.operation.type": .string("send"), "http.response.status_code": .int(Int64(record.status)),
            ]
        }
        return [
            "http.request.method": .string(record.method), "server.address": .string(record.upstream),
            "http.response.status_code": .int(Int64(record.status)),
        ]
    }

    private static func outcome(of record: RequestRecord) -> SpanOutcome {
        if record.isCutShort { return .error("the response could not be completed") }
        return record.status >= 500 ? .error("answered with \(record.status)") : .unset
    }
}
