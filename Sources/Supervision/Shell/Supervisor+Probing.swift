import Topology

extension Supervisor {
    func startProbes(_ id: InstanceID, _ process: RunningProcess, _ assignments: [ProbeAssignment]) {
        let asked = assignments.filter { $0.probe.check != .declared(.notify) }
        guard !asked.isEmpty else { return }
        let target = target(id, process, runsCommands: asked.contains { $0.probe.runsCommand })
        for assignment in asked {
            let subject = ProbeLoop.Subject(instance: id, generation: process.generation, purpose: assignment.purpose)
            probers[id, default: []].append(
                probeLoop.begin(assignment.probe, of: subject, target: target, hasSucceeded: assignment.hasSucceeded))
        }
    }

    func stopProbes(_ id: InstanceID) {
        if let numbers = probers.removeValue(forKey: id) { probeLoop.end(numbers) }
    }

    func followProbes() async {
        for await told in probeLoop.answers {
            let subject = told.subject
            switch told.answer {
            case .success: handle(.probeSucceeded(subject.instance, generation: subject.generation, subject.purpose))
            case .failure(let text):
                handle(.probeFailed(subject.instance, generation: subject.generation, subject.purpose, answer: text))
            }
        }
    }

    private func target(_ id: InstanceID, _ process: RunningProcess, runsCommands: Bool) -> ProbeTarget {
        guard let declared = declaration(of: id.service, fingerprint: process.fingerprint) ?? supervised,
            let service = declared.service(named: id.service)
        else {
            let clients = clients
            return ProbeTarget(port: process.port) { await clients?.roundTrip(id.service) ?? .failure("it is not declared") }
        }
        var environment: [String: String] = [:]
        if runsCommands { environment = declared.environment(of: id.service)?.values(instance: id.number, port: process.port ?? 0) ?? [:] }
        var target = ProbeTarget(
            port: process.port, environment: environment, workingDirectory: declared.workingDirectory(of: service),
            stateDirectory: directory.path, user: service.user, group: service.group)
        if runsCommands, !service.secrets.isEmpty { target.secrets = ProbeSecrets(service.secrets, reader: secretReader) }
        return target
    }
}

extension SupervisedProbe {
    fileprivate var runsCommand: Bool { if case .declared(.exec) = check { true } else { false } }
}
