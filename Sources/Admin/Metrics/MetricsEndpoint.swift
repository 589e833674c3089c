import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOPosix
import Supervision

/// The supervisor's numbers in Prometheus's text format.
enum MetricsEndpoint {
    private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func endpoint(_ control: any SupervisorControl, version: String) -> Endpoint {
        Endpoint(
            method: .get, path: "/metrics", summary: "Numbers for Prometheus",
            answers: [.init(status: .ok, description: "Prometheus's text format.", content: [contentType: ["type": "string"]])]
        ) { _, _ in
            let status = await control.status()
            // While the broker is away its numbers are missing; the others are not.
            let queues = (try? await control.queues()) ?? []
            let used = try await NIOThreadPool.singleton.runIfActive { usage(of: status) }
            return Response(
                text: render(status, queues: queues, usage: used, version: version).utf8, contentType: contentType)
        }
    }

    /// By process id.
    private static func usage(of status: TopologyStatus) -> [Int: ProcessUsage] {
        let pids = status.services.flatMap(\.instances).compactMap(\.pid)
        return Dictionary(pids.compactMap { pid in ProcessUsage(pid: pid).map { (pid, $0) } }) { _, last in last }
    }

    static func render(_ status: TopologyStatus, queues: [QueueStatus], usage: [Int: ProcessUsage], version: String) -> String {
        var text = PrometheusText()
        text.add(
            "signalbox_info", .gauge, "What runs here.",
            [(labels: [("topology", status.name), ("version", version), ("containment", status.containment)], value: 1)])
        text.add("signalbox_topology_ready", .gauge, "1: everything that is declared is ready.", status.state == .ready ? 1 : 0)
        addServices(status.services, to: &text)
        addInstances(status.services, usage, to: &text)
        addQueues(queues, to: &text)
        return text.text
    }

    private static func addServices(_ services: [ServiceStatus], to text: inout PrometheusText) {
        func samples(_ value: (ServiceStatus) -> Int) -> [(labels: [(String, String)], value: Double)] {
            services.map { (labels: [("service", $0.name)], value: Double(value($0))) }
        }
        text.add("signalbox_service_desired_instances", .gauge, "Instances that there should be.", samples { $0.desired })
        text.add("signalbox_service_ready_instances", .gauge, "Instances that take work.", samples { $0.ready })
        text.add(
            "signalbox_service_state", .gauge, "1 for the state that the service is in.",
            services.map { (labels: [("service", $0.name), ("state", $0.state.rawValue)], value: 1) })
    }

    private static func addInstances(_ services: [ServiceStatus], _ usage: [Int: ProcessUsage], to text: inout PrometheusText) {
        func samples(_ value: (InstanceStatus) -> Double?) -> [(labels: [(String, String)], value: Double)] {
            services.flatMap { service in
                service.instances.compactMap { instance in
                    value(instance).map {
                        (labels: [("service", service.name), ("instance", String(instance.instance))], value: $0)
                    }
                }
            }
        }
        text.add("signalbox_process_up", .gauge, "1: the instance has a process.", samples { $0.pid == nil ? 0 : 1 })
        text.add("signalbox_process_ready", .gauge, "1: the instance takes work.", samples { $0.state == "ready" ? 1 : 0 })
        text.add(
            "signalbox_process_restarts_total", .counter, "How often the instance has been restarted.", samples { Double($0.restarts) })
        text.add(
            "signalbox_process_cpu_seconds_total", .counter, "Processor time of the instance's main process.",
            samples { $0.pid.flatMap { usage[$0]?.cpuSeconds } })
        text.add(
            "signalbox_process_resident_memory_bytes", .gauge, "Memory of the instance's main process.",
            samples { $0.pid.flatMap { usage[$0] }.map { Double($0.residentBytes) } })
    }

    private static func addQueues(_ queues: [QueueStatus], to text: inout PrometheusText) {
        func samples(_ value: (QueueStatus) -> Int) -> [(labels: [(String, String)], value: Double)] {
            queues.map { (labels: [("queue", $0.name), ("consumer", $0.consumer)], value: Double(value($0))) }
        }
        text.add("signalbox_queue_messages_ready", .gauge, "Messages that wait for a consumer.", samples { $0.ready })
        text.add("signalbox_queue_messages_unacknowledged", .gauge, "Messages that consumers hold.", samples { $0.unacknowledged })
        text.add("signalbox_queue_messages_retrying", .gauge, "Messages that wait for a later attempt.", samples { $0.retrying })
        text.add("signalbox_queue_messages_dead", .gauge, "Messages that rest in the dead-letter queue.", samples { $0.dead })
        text.add("signalbox_queue_consumers", .gauge, "Consumers of the queue.", samples { $0.consumers })
    }
}
