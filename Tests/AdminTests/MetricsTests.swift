import Supervision
import Testing
import TestSupport

@testable import Admin

@Suite struct MetricsTests {
    @Test func everythingIsThereInPrometheusForm() {
        let usage = [102: ProcessUsage(stat: statLine, ticksPerSecond: 100, pageSize: 4096)].compactMapValues { $0 }
        let text = MetricsEndpoint.render(
            FakeSupervisor.shop(state: .ready), queues: [FakeSupervisor.queue], usage: usage, version: "1.2.3")
        for line in [
            "# TYPE signalbox_service_ready_instances gauge", "signalbox_topology_ready 1",
            "signalbox_info{topology=\"shop\",version=\"1.2.3\",containment=\"cgroup2\"} 1",
            "signalbox_service_desired_instances{service=\"order\"} 2",
            "signalbox_process_restarts_total{service=\"order\",instance=\"1\"} 3",
            "signalbox_process_up{service=\"broker\",instance=\"1\"} 1",
            "signalbox_process_cpu_seconds_total{service=\"order\",instance=\"1\"} 3.5",
            "signalbox_process_resident_memory_bytes{service=\"order\",instance=\"1\"} 4096000",
            "signalbox_queue_messages_dead{queue=\"order.events\",consumer=\"order\"} 4",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        #expect(PrometheusLint.complaints(text) == [])
    }

    private let statLine =
        "102 (sh) op (x)) S 1 2 3 0 -1 4194560 100 0 0 0 250 100 0 0 20 0 5 0 12345 99999744 1000 18446744073709551615 1 1 0 0 0 0 0 4096"

    @Test func labelsAreEscaped() {
        var text = PrometheusText()
        text.add("x", .gauge, "Help.", [(labels: [("a", "say \"hi\"\\\n")], value: 0.5)])
        #expect(text.text == "# HELP x Help.\n# TYPE x gauge\nx{a=\"say \\\"hi\\\"\\\\\\n\"} 0.5\n")
    }

    @Test func aProcessThatIsGoneHasNoUsage() {
        #expect(ProcessUsage(pid: 0x7fff_fffe) == nil)
        #expect(ProcessUsage(stat: "garbage", ticksPerSecond: 100, pageSize: 4096) == nil)
    }
}
