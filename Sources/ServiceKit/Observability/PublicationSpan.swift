import AMQP
import TraceStore
import Tracing

/// The span of an event on its way from the outbox to the broker's confirm; what handles the event continues it.
struct PublicationSpan: Sendable {
    private let span: any Span
    /// For the message, in place of the row's.
    let traceparent: String

    /// Nil where nothing is recorded of what published the event.
    init?(_ row: OutboxRow, now: Timestamp) {
        guard row.properties == nil, let traceparent = row.headers[EventCodec.traceparent]?.string,
            let parent = SpanContext(traceparent: traceparent), parent.isSampled
        else { return nil }
        var context = ServiceContext.topLevel
        context.spanContext = parent
        let span = startSpan("publish \(row.type)", context: context, ofKind: .producer)
        guard span.isRecording, let own = span.context.spanContext else { return nil }
        span.attributes = .message(
            id: row.eventID, destination: row.exchange, operation: "send",
            subject: row.headers[EventCodec.prefix + "subject"]?.string ?? "",
            further: [
                "messaging.rabbitmq.destination.routing_key": .string(row.routingKey),
                "signalbox.outbox.wait_ms": .double(max(0, row.createdAt.duration(to: now).inSeconds) * 1000),
            ])
        self.span = span
        self.traceparent = own.traceparent
    }

    /// - Parameter error: nil: the broker has confirmed.
    func end(_ error: (any Error)?) {
        if let error { span.recordError(error) }
        span.end()
    }
}

extension SpanAttributes {
    /// By OpenTelemetry's conventions for messaging, and what the message is about.
    static func message(
        id: String, destination: String, operation: String, subject: String, further: SpanAttributes = [:]
    ) -> SpanAttributes {
        var attributes: SpanAttributes = [
            "messaging.system": "rabbitmq", "messaging.destination.name": .string(destination),
            "messaging.operation.type": .string(operation),
            "messaging.message.id": .string(id),
        ]
        if !subject.isEmpty { attributes[FinishedSpan.subject] = subject }
        further.forEach { name, value in attributes[name] = value }
        return attributes
    }
}
