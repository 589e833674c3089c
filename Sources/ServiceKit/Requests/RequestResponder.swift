import AMQP
import Logging
import TraceStore
import Tracing

/// Answers the requests of one queue, up to its prefetch at once.
struct RequestResponder: Sendable {
    /// For the reply's way to the broker.
    static let replyPatience: Duration = .seconds(5)
    static let methodHeader = "http-method"
    static let pathHeader = "http-path"
    static let statusHeader = "status"

    let queue: String
    let body: @Sendable (BusRequest) async throws -> BusReply
    let publisher: any MessagePublishing
    let service: String
    let clock: ServiceClock
    let metrics: Metrics
    let logger: Logger

    /// Returns when the sequence has ended and everything that was taken from it is answered.
    func run(_ deliveries: some AsyncSequence<AMQPDelivery, Never> & Sendable) async {
        await withDiscardingTaskGroup { group in
            for await delivery in deliveries {
                group.addTask { await answer(delivery) }
            }
        }
    }

    private func answer(_ delivery: AMQPDelivery) async {
        let properties = delivery.message.properties
        let remaining = RequestDeadline.remaining(properties, now: clock.timestamp)
        guard remaining > .zero else {
            metrics.add(.answered, [queue, "0"])
            logger.debug("A request came too late and is not begun", metadata: ["queue": "\(queue)"])
            return await delivery.ack()
        }
        let start = ContinuousClock.now
        let deadline = start + remaining
        var parent = ServiceContext.topLevel
        InstrumentationSystem.instrument.extract(properties.headers, into: &parent, using: MessageHeaders())
        let span = startSpan("process \(queue)", context: parent, ofKind: .consumer)
        defer { span.end() }
        let request = BusRequest(
            method: properties.headers[Self.methodHeader]?.string ?? "GET", path: properties.headers[Self.pathHeader]?.string ?? "/",
            body: delivery.message.body, deadline: deadline, traceparent: span.context.spanContext?.traceparent)
        await ServiceContext.withValue(span.context) {
            let reply = await reply(to: request)
            record(request, reply, correlationID: properties.correlationID, in: span)
            if Task.isCancelled && reply == nil { return await delivery.reject(requeue: true) }
            metrics.add(.answered, [queue, reply.map { "\($0.status)" } ?? "504"])
            metrics.observe(.answerSeconds, [queue], start.duration(to: .now))
            if let reply, let replyTo = properties.replyTo {
                await send(reply, to: replyTo, correlationID: properties.correlationID, deadline: deadline)
            }
            await delivery.ack()
        }
    }

    private func record(_ request: BusRequest, _ reply: BusReply?, correlationID: String?, in span: any Span) {
        guard span.isRecording else { return }
        var attributes: SpanAttributes = [
            "messaging.system": "rabbitmq", "messaging.destination.name": .string(queue), "messaging.operation.type": "process",
            "http.request.method": .string(request.method), "url.path": .string(request.path),
        ]
        if let correlationID { attributes["messaging.message.conversation_id"] = correlationID }
        if let reply { attributes["http.response.status_code"] = reply.status }
        span.attributes = attributes
        if reply == nil { span.setStatus(SpanStatus(code: .error, message: "not answered within its deadline")) }
        if let reply, reply.status >= 500 { span.setStatus(SpanStatus(code: .error, message: "answered with \(reply.status)")) }
    }

    /// Nil when the deadline passed, or the process stops, before there was one.
    private func reply(to request: BusRequest) async -> BusReply? {
        await withTaskGroup(of: BusReply?.self) { group in
            group.addTask {
                do {
                    return try await body(request)
                } catch {
                    if Task.isCancelled { return nil }
                    let problem = ServiceProblem(describing: error)
                    if problem.status.code >= 500 {
                        logger.error(
                            "A request over the bus failed",
                            metadata: ["queue": "\(queue)", "method": "\(request.method)", "path": "\(request.path)", "error": "\(error)"])
                    }
                    return .problem(problem)
                }
            }
            group.addTask {
                try? await Task.sleep(until: request.deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func send(_ reply: BusReply, to replyTo: String, correlationID: String?, deadline: ContinuousClock.Instant) async {
        let message = AMQPMessage(
            properties: AMQPProperties(
                correlationID: correlationID, type: "reply", contentType: reply.contentType, appID: service, isPersistent: false,
                headers: [Self.statusHeader: .int(Int64(reply.status))]),
            body: reply.body)
        do throws(AMQPError) {
            try await publisher.publish(message, to: "", routingKey: replyTo, deadline: min(deadline, .now + Self.replyPatience))
        } catch {
            // Who asked has gone, or its time is over: the answer is for nobody else.
            logger.debug("An answer could not be delivered", metadata: ["queue": "\(queue)", "error": "\(error)"])
        }
    }
}
