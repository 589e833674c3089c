import FoundationEssentials
import Topology
import TraceStore

/// What a service's processes are handed in their environment. Nothing else is inherited.
struct ServiceEnvironment {
    /// Of the host rather than of the topology: they may differ after an upgrade, and no process is restarted for it.
    static let inherited = ["PATH", "HOME", "LANG", "TZ"]

    /// The same for each instance; without what `values(instance:port:)` adds.
    let common: [String: String]
    /// Variables whose values may be secret.
    private let passed: Set<String>
    /// Where the host wants spans to go, which is the host's affair as well.
    private let traces: Set<String>

    init(of service: Service, in topology: Topology, servers: Servers, directory: StateDirectory, configuration: SupervisorConfiguration) {
        var values: [String: String] = [:]
        let programs = configuration.executable.prefix(
            upTo: configuration.executable.lastIndex(of: "/") ?? configuration.executable.startIndex)
        let path = configuration.environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        values["PATH"] = programs.isEmpty ? path : "\(programs):\(path)"
        values["HOME"] = configuration.environment["HOME"] ?? "/"
        values["LANG"] = configuration.environment["LANG"] ?? "C.UTF-8"
        values["TZ"] = configuration.environment["TZ"]

        for name in TraceSettings.passedVariables { values[name] = configuration.environment[name] }

        values["SIGNALBOX_SERVICE"] = service.name
        values["SIGNALBOX_STATE"] = directory.path
        values[TraceSettings.folderVariable] = directory.traces
        values["SIGNALBOX_GATEWAY_CONFIGURATION"] = directory.gatewayConfiguration
        values["AMQP_URL"] = servers.brokerURL(of: service.name)
        values["DATABASE_URL"] = servers.databaseURL(of: service.name)
        if service.dependsOn.contains(where: { $0.name == "cache" }) {
            values["REDIS_URL"] = servers.cache?.url
            values["SIGNALBOX_CACHE_EVENTS"] = topology.cacheEvents.joined(separator: ",")
            values["SIGNALBOX_CACHE_EXCHANGES"] = topology.cacheExchanges.joined(separator: ",")
        }
        values["SIGNALBOX_EVENTS_EXCHANGE"] = service.publishes.first
        values["SIGNALBOX_QUEUES"] = Self.queues(of: service, in: topology)
        if let watchdog = service.watchdog { values["WATCHDOG_USEC"] = String(Int64(watchdog / .microseconds(1))) }
        passed = Set(service.passedEnvironment)
        traces = Set([TraceSettings.folderVariable] + TraceSettings.passedVariables).subtracting(service.environment.keys).subtracting(
            passed)
        for name in service.passedEnvironment { values[name] = configuration.environment[name] }
        common = values.merging(service.environment) { _, own in own }
    }

    func values(instance: Int, port: Int) -> [String: String] {
        var values = common
        values["SIGNALBOX_INSTANCE"] = String(instance)
        values["PORT"] = String(port)
        return values
    }

    /// Of what differs between topologies.
    ///
    /// - Parameter key: for what was passed on: a fingerprint can be seen by others.
    func fingerprintParts(_ key: KeyedHash?) -> [String] {
        common.filter { !Self.inherited.contains($0.key) && !traces.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { name, value in
            [name, passed.contains(name) ? key?.hash([name, value]) ?? "" : value]
        }
    }

    private struct QueueSettings: Encodable {
        var prefetch: Int
        var immediate: Int
        /// Seconds.
        var delays: [Double]
        var retryExchange: String
        /// Only where it is true.
        var singleActiveConsumer: Bool?

        enum CodingKeys: String, CodingKey {
            case prefetch, immediate, delays
            case retryExchange = "retry_exchange"
            case singleActiveConsumer = "single_active_consumer"
        }
    }

    private static func queues(of service: Service, in topology: Topology) -> String {
        var settings: [String: QueueSettings] = [:]
        for queue in topology.queues where queue.consumer == service.name {
            settings[queue.name] = QueueSettings(
                prefetch: queue.prefetch, immediate: queue.retry?.immediate ?? 0,
                delays: (queue.retry?.delays ?? []).map { $0 / .seconds(1) },
                retryExchange: Queue.retryExchangeName(consumer: service.name),
                singleActiveConsumer: queue.singleActiveConsumer ? true : nil)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(settings)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
