extension Metrics.Family {
    static let handled = Self(
        name: "signalbox_events_handled_total", help: "Events whose handler committed.", kind: .counter, labels: ["queue", "type"])
    static let duplicates = Self(
        name: "signalbox_events_duplicate_total", help: "Deliveries of events that were handled before.", kind: .counter,
        labels: ["queue", "type"])
    static let failed = Self(
        name: "signalbox_events_failed_total", help: "Attempts to handle an event that failed.", kind: .counter, labels: ["queue", "type"])
    static let retried = Self(
        name: "signalbox_events_retried_total", help: "Messages put off for a later attempt.", kind: .counter, labels: ["queue"])
    static let deadLettered = Self(
        name: "signalbox_events_dead_lettered_total", help: "Messages given up for the dead-letter queue.", kind: .counter,
        labels: ["queue"])
    static let handlerSeconds = Self(
        name: "signalbox_event_handler_seconds", help: "Time of an attempt to handle an event, its transaction included.", kind: .histogram,
        labels: ["queue", "type"])
    static let answered = Self(
        name: "signalbox_bus_requests_total", help: "Requests over the bus, by the status of their answer (0: too late to begin).",
        kind: .counter, labels: ["queue", "status"])
    static let answerSeconds = Self(
        name: "signalbox_bus_request_seconds", help: "Time to answer a request over the bus, from its delivery.", kind: .histogram,
        labels: ["queue"])
    static let relayed = Self(
        name: "signalbox_outbox_relayed_total", help: "Events published from the outbox and confirmed.", kind: .counter, labels: ["type"])
    static let relaySeconds = Self(
        name: "signalbox_outbox_confirm_seconds", help: "Time from an event's commit to its confirm.", kind: .histogram, labels: [])
    static let unroutable = Self(
        name: "signalbox_outbox_unroutable_total", help: "Attempts to publish an event that no queue takes.", kind: .counter,
        labels: ["type"])
    static let parked = Self(
        name: "signalbox_outbox_parked_total", help: "Events parked because no queue took them.", kind: .counter, labels: ["type"])
    static let pending = Self(
        name: "signalbox_outbox_pending", help: "Events in the outbox (counted up to 10000).", kind: .gauge, labels: [])
    static let leading = Self(
        name: "signalbox_outbox_relay_leader", help: "1 where this instance relays the service's outbox.", kind: .gauge, labels: [])
    static let httpRequests = Self(
        name: "signalbox_http_requests_total", help: "HTTP requests by route and status.", kind: .counter,
        labels: ["method", "route", "status"])
    static let httpSeconds = Self(
        name: "signalbox_http_request_duration_seconds", help: "Time to answer an HTTP request.", kind: .histogram,
        labels: ["method", "route"])
    static let spans = Self(name: "signalbox_trace_spans_total", help: "Spans recorded.", kind: .counter, labels: [])
    static let spansDropped = Self(
        name: "signalbox_trace_spans_dropped_total", help: "Spans that the local store or the collector never got.", kind: .counter,
        labels: ["destination"])
    static let spansExported = Self(
        name: "signalbox_trace_spans_exported_total", help: "Spans that the collector accepted.", kind: .counter, labels: [])
}
