@testable import ServiceKit
import Testing

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

    @Test func seriesAreBounded() {
        let metrics = Metrics()
        for label in 0..<Metrics.maximumSeries * 2 { metrics.add(counter, ["\(label)"]) }
        #expect(metrics.text.split(separator: "\n").count == Metrics.maximumSeries + 2)
    }
}
