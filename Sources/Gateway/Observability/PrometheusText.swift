import TraceStore

/// The metrics in Prometheus' text format, version 0.0.4.
enum PrometheusText {
    static func render(_ snapshot: MetricsSnapshot, droppedLogLines: Int, spans: SpanSink.Counts? = nil) -> String {
        var text = ""
        let routes = snapshot.routes.sorted { $0.key < $1.key }
        header(&text, "requests_total", "counter", "Requests answered, by route and status.")
        for (route, metrics) in routes {
            for (status, count) in metrics.byStatus.sorted(by: { $0.key < $1.key }) {
                text += "\(prefix)requests_total{route=\"\(escaped(route))\",status=\"\(status)\"} \(count)\n"
            }
        }
        header(&text, "request_duration_seconds", "histogram", "From a request's head to its response's end.")
        for (route, metrics) in routes {
            var sum = 0
            for (index, count) in metrics.buckets.enumerated() {
                sum += count
                let bound = index < RouteMetrics.bounds.count ? String(RouteMetrics.bounds[index]) : "+Inf"
                text += "\(prefix)request_duration_seconds_bucket{route=\"\(escaped(route))\",le=\"\(bound)\"} \(sum)\n"
            }
            text += "\(prefix)request_duration_seconds_sum{route=\"\(escaped(route))\"} \(metrics.seconds)\n"
            text += "\(prefix)request_duration_seconds_count{route=\"\(escaped(route))\"} \(sum)\n"
        }
        header(&text, "cache_requests_total", "counter", "Requests of cached routes, by what the cache did.")
        for (route, metrics) in routes {
            for (result, count) in metrics.byCacheResult.sorted(by: { $0.key < $1.key }) {
                text += "\(prefix)cache_requests_total{route=\"\(escaped(route))\",result=\"\(result)\"} \(count)\n"
            }
        }
        header(&text, "response_bytes_total", "counter", "Bytes of response bodies.")
        for (route, metrics) in routes { text += "\(prefix)response_bytes_total{route=\"\(escaped(route))\"} \(metrics.bytes)\n" }
        header(&text, "responses_cut_short_total", "counter", "Responses that began and could not be completed.")
        for (route, metrics) in routes { text += "\(prefix)responses_cut_short_total{route=\"\(escaped(route))\"} \(metrics.cutShort)\n" }
        single(&text, "retries_total", "counter", "Requests sent again after a connection died.", snapshot.retries)
        single(&text, "upstream_connects_total", "counter", "Connections attempted to services.", snapshot.upstreamConnects)
        single(&text, "upstream_connect_failures_total", "counter", "Of these, those that failed.", snapshot.upstreamConnectFailures)
        single(&text, "client_connections", "gauge", "Open connections of clients.", snapshot.clientConnections)
        single(&text, "upstream_connections", "gauge", "Open connections to services.", snapshot.upstreamConnections)
        single(&text, "upstream_connections_idle", "gauge", "Of these, those without a request.", snapshot.idleUpstreamConnections)
        single(&text, "log_lines_dropped_total", "counter", "Access log lines that nobody read in time.", droppedLogLines)
        if let spans { render(spans, to: &text) }
        return text
    }

    /// Under the same names as every service's.
    private static func render(_ spans: SpanSink.Counts, to text: inout String) {
        let name = "signalbox_trace_spans"
        text += "# HELP \(name)_total Spans recorded.\n# TYPE \(name)_total counter\n\(name)_total \(spans.recorded)\n"
        text += "# HELP \(name)_dropped_total Spans that the local store or the collector never got.\n"
        text += "# TYPE \(name)_dropped_total counter\n"
        text += "\(name)_dropped_total{destination=\"store\"} \(spans.droppedByStore)\n"
        text += "\(name)_dropped_total{destination=\"collector\"} \(spans.droppedByExporter)\n"
        text += "# HELP \(name)_exported_total Spans that the collector accepted.\n# TYPE \(name)_exported_total counter\n"
        text += "\(name)_exported_total \(spans.exported)\n"
    }

    private static let prefix = "signalbox_gateway_"

    private static func header(_ text: inout String, _ name: String, _ type: String, _ help: String) {
        text += "# HELP \(prefix)\(name) \(help)\n# TYPE \(prefix)\(name) \(type)\n"
    }

    private static func single(_ text: inout String, _ name: String, _ type: String, _ help: String, _ value: Int) {
        header(&text, name, type, help)
        text += "\(prefix)\(name) \(value)\n"
    }

    private static func escaped(_ label: String) -> String {
        var result = ""
        for character in label.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
