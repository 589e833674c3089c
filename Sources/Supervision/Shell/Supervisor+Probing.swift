import Topology

extension Supervisor {
    func startProbes(_ id: InstanceID, _ process: RunningProcess, _ purposes: [SupervisedProbe.Purpose]) {
        guard let definition = reducer.service(named: id.service)?.definition else { return }
        let isReady = reducer.service(named: id.service)?.instances.first { $0.number == id.number }?.phase.isReady ?? false
        let target = target(id, process)
        for purpose in purposes {
            guard let probe = definition.probe(for: purpose), probe.check != .declared(.notify) else { continue }
            let prober = Prober(probe: probe, purpose: purpose, target: target, hasSucceeded: isReady)
            let generation = process.generation
            // It holds on to the supervisor until it is cancelled, at the latest when `run` ends.
            probes[id, default: []].append(
                Task { await prober.run { answer in await self.answered(id, generation, purpose, answer) } })
        }
    }

    func stopProbes(_ id: InstanceID) {
        for task in probes.removeValue(forKey: id) ?? [] { task.cancel() }
    }

    private func answered(_ id: InstanceID, _ generation: Int, _ purpose: SupervisedProbe.Purpose, _ answer: ProbeAnswer) {
        switch answer {
        case .success: handle(.probeSucceeded(id, generation: generation, purpose))
        case .failure(let text): handle(.probeFailed(id, generation: generation, purpose, answer: text))
        }
    }

    private func target(_ id: InstanceID, _ process: RunningProcess) -> ProbeTarget {
        guard let supervised, let service = supervised.topology.service(named: id.service) else {
            let clients = clients
            return ProbeTarget(port: process.port) { await clients?.roundTrip(id.service) ?? .failure("it is not declared") }
        }
        return ProbeTarget(
            port: process.port,
            environment: supervised.environment(of: id.service)?.values(instance: id.number, port: process.port ?? 0) ?? [:],
            workingDirectory: supervised.workingDirectory(of: service))
    }
}
