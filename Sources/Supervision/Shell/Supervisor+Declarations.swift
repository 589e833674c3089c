import Glibc
import Logging
import Topology

extension Supervisor {
    /// The topology in which the service's declaration has that fingerprint: the current one, or one that is kept. A server's is always the
    /// current one.
    func declaration(of service: String, fingerprint: String) -> SupervisedTopology? {
        guard let current = supervised?.definition(of: service) else { return kept[service]?[fingerprint] }
        return current.fingerprint == fingerprint || current.kind == .server ? supervised : kept[service]?[fingerprint]
    }

    /// The topology by which the service runs now, if that is not the current one.
    func declarationInForce(of service: String) -> SupervisedTopology? {
        guard let fingerprint = reducer.service(named: service)?.definition.fingerprint,
            supervised?.definition(of: service)?.fingerprint != fingerprint
        else { return nil }
        return kept[service]?[fingerprint]
    }

    /// Before the current topology is followed by another: each service that will be another may have to go back.
    func keepDeclarations(before next: SupervisedTopology) {
        for definition in next.definitions where definition.kind == .service {
            guard let fingerprint = reducer.service(named: definition.name)?.definition.fingerprint, fingerprint != definition.fingerprint,
                let old = declaration(of: definition.name, fingerprint: fingerprint)
            else { continue }
            kept[definition.name, default: [:]][fingerprint] = old
        }
        saveDeclarations()
    }

    /// Lets go of those that nothing can go back to any more.
    func dropDeclarations() {
        guard !kept.isEmpty else { return }
        var needed: [String: [String: SupervisedTopology]] = [:]
        for (service, topologies) in kept {
            guard let state = reducer.service(named: service) else { continue }
            let current = supervised?.definition(of: service)?.fingerprint
            let fingerprints = Set(
                [state.definition.fingerprint, state.previous?.fingerprint].compactMap(\.self) + state.processes.map(\.process.fingerprint))
            let left = topologies.filter { fingerprints.contains($0.key) && $0.key != current }
            if !left.isEmpty { needed[service] = left }
        }
        guard needed.mapValues({ Set($0.keys) }) != kept.mapValues({ Set($0.keys) }) else { return }
        kept = needed
        saveDeclarations()
    }

    private func saveDeclarations() {
        let declarations = KeptDeclarations(kept)
        save("the declarations before", to: directory.previousDeclarations, mode: 0o600) { declarations }
    }

    /// As an earlier supervisor has kept them. One that is not understood any more cannot be gone back to.
    func loadDeclarations() {
        guard let declarations = (try? StateFile.readJSON(KeptDeclarations.self, from: directory.previousDeclarations)) ?? nil else {
            return
        }
        let topologies = declarations.topologies.map { source in
            (try? Topology.parse(applied: source.text, file: directory.previousDeclarations)).flatMap { topology in
                try? work(out: topology, text: source.text, ports: ports, secrets: source.secrets)
            }
        }
        for declaration in declarations.declarations where topologies.indices.contains(declaration.topology) {
            kept[declaration.service, default: [:]][declaration.fingerprint] = topologies[declaration.topology]
        }
    }

    /// For the reducer's start: what each service can go back to.
    func previousDefinitions(_ remembered: Remembered) -> [String: SupervisedService] {
        var previous: [String: SupervisedService] = [:]
        for (service, topologies) in kept {
            let wanted = remembered.updating[service].flatMap { fingerprint in topologies[fingerprint].map { (fingerprint, $0) } }
            guard let (fingerprint, supervised) = wanted ?? topologies.first.map({ ($0.key, $0.value) }),
                var definition = supervised.definition(of: service)
            else { continue }
            // What it was called when it was kept: another version of us may count differently.
            definition.fingerprint = fingerprint
            previous[service] = definition
        }
        return previous
    }

    /// Writes a state file in the background, again and again if need be; a later version of it takes an earlier one's place.
    func save(_ what: String, to path: String, mode: mode_t, _ value: @escaping @Sendable () -> some Encodable & Sendable) {
        saver.save(what, to: path) { () throws(SupervisorError) in try StateFile.writeJSON(value(), to: path, mode: mode) }
    }
}
