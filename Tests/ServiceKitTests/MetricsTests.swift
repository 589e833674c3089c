@testable import ServiceKit
import Testing
import TestSupport

struct MetricsTests {
    private let counter = Metrics.Family(name: "c_total", help: "Counts.", kind: .counter, labels: ["a"])
    private let histogram = Metrics.Family(name: "h_seconds", help: "Times.", kind: .histogram, labels: [])

    @Test func prometheusText() {
        let metrics = Metrics()
        metrics.add(counter, ["x\"y\\\n"])
        metrics.add(counter, ["b"], by: 2)
        metrics.observe(histogram, [], .milliseconds(20))
        metrics.observe(histogram, [], .seconds(60))
        let lines = metrics.text.split(separator: "\n")
        #expect(
            lines.prefix(4) == ["# HELP c_total Counts.", "# TYPE c_total counter", "c_total{a=\"b\"} 2", "c_total{a=\"x\\\"y\\\\\\n\"} 1"])
        #expect(lines.contains("h_seconds_bucket{le=\"0.01\"} 0"))
        #expect(lines.contains("h_seconds_bucket{le=\"0.025\"} 1"))
        #expect(lines.contains("h_seconds_bucket{le=\"+Inf\"} 2"))
        #expect(lines.contains("h_seconds_count 2"))
    }

    @Test func everyFamilyIsNamedAsPrometheusWantsIt() {
        let families: [Metrics.Family] = [
            .handled, .duplicates, .failed, .retried, .deadLettered, .handlerSeconds, .answered, .relayed, .relaySeconds, .unroutable,
            .parked,
            .pending, .leading, .httpRequests, .httpSeconds, .spans, .spansDropped, .spansExported, .queueWait, .waiting, .oldest,
        ]
        let metrics = Metrics()
        for family in families {
            let labels = family.labels.map { "a \($0)" }
            if family.kind == .histogram {
                for time in [Duration.zero, .milliseconds(3), .seconds(99)] { metrics.observe(family, labels, time) }
            } else {
                metrics.add(family, labels)
            }
        }
        #expect(metrics.text.split(separator: "\n").count { $0.hasPrefix("# TYPE") } == families.count)
        #expect(PrometheusLint.complaints(metrics.text) == [])
    }

    @Test func seriesAreBounded() {
        let metrics = Metrics()
        for label in 0..<Metrics.maximumSeries * 2 { metrics.add(counter, ["\(label)"]) }
        #expect(metrics.text.split(separator: "\n").count == Metrics.maximumSeries + 2)
    }
}
