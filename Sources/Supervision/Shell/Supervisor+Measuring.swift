import BrokerTopology
import Keeper
import NIOPosix
import Topology

extension Supervisor {
    /// As often as RabbitMQ takes its own statistics.
    static let measureInterval = Duration.seconds(2)

    /// Feeds the rules by which services are scaled, and measures nothing that no rule goes by.
    func measure() async {
        var meter = ProcessorMeter()
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.measureInterval) } catch { return }
            let rules = reducer.services.filter { !$0.isRemoved }.compactMap { service in service.definition.scale.map { (service, $0) } }
            var measures = ScaleMeasures()
            await measureQueues(Set(rules.compactMap(\.1.queue)), into: &measures)
            let processes = rules.filter { $0.1.cpu != nil }.flatMap { service, _ in
                service.processes.compactMap { id, process in process.pid.map { (id, $0) } }
            }
            if !processes.isEmpty {
                let before = meter
                let after = try? await NIOThreadPool.singleton.runIfActive { () -> (ProcessorMeter, [InstanceID: Double]) in
                    var meter = before
                    let cores = meter.measure(processes, at: ContinuousClock.now)
                    return (meter, cores)
                }
                if let after { (meter, measures.cores) = after }
            }
            if measures != ScaleMeasures() { handle(.measured(measures)) }
        }
    }

    /// So often the keeper is asked for lines that are lost.
    private static let lossInterval = Duration.seconds(5)

    func countLosses() async {
        while !Task.isCancelled {
            // A keeper of an earlier version does not tell.
            if let losses = try? await keeper.losses() {
                let pairs = losses.compactMap { name, count in InstanceID(name).map { ($0, count) } }
                lostLines = Dictionary(pairs) { first, _ in first }
            }
            do { try await Task.sleep(for: Self.lossInterval) } catch { return }
        }
    }

    private func measureQueues(_ queues: Set<String>, into measures: inout ScaleMeasures) async {
        guard let clients, !queues.isEmpty, reducer.service(named: "broker")?.readyCount ?? 0 > 0,
            let depths = try? await clients.broker?.queueDepths()
        else { return }
        for (queue, depth) in depths where queues.contains(queue) {
            measures.readyMessages[queue] = depth.ready
            measures.consumerUtilisation[queue] = depth.consumerUtilisation
        }
    }
}
