/// That what is published is recorded, and the other way round.
extension TopologyValidator {
    private var contractsPath: FieldPath { FieldPath() / "contracts" }

    /// - Parameter source: what was found in the folder that the file names, or else in `contracts`.
    /// - Returns: the mistakes in the records themselves.
    func validateContracts(_ source: ContractSource) -> [TopologyMistake] {
        let folder = topology.contracts ?? Topology.defaultContracts
        switch source {
        case .unread: return []
        case .absent:
            if topology.contracts != nil {
                log.report(
                    "there is no folder \(folder); write the records with the contract test (docs/contracts.md), or correct the path",
                    ofValueAt: contractsPath)
            }
            return []
        case .unreadable(let reason):
            log.report("the folder \(folder) cannot be read: \(reason); make it readable", ofValueAt: contractsPath)
            return []
        case .files(let files):
            if files.isEmpty, topology.contracts != nil {
                log.report(
                    "the folder \(folder) holds no recorded contract (*.json); write them with the contract test (docs/contracts.md), or remove contracts",
                    ofValueAt: contractsPath)
            }
            do {
                let catalogue = try ContractCatalogue(files)
                if !catalogue.isEmpty { validate(against: catalogue) }
                return []
            } catch {
                return error.mistakes
            }
        }
    }

    private func validate(against catalogue: ContractCatalogue) {
        let recorded = catalogue.types
        for service in topology.services {
            for (index, exchange) in service.publishes.enumerated() {
                let place = servicesPath / service.name / "publishes" / index / "events"
                for (position, event) in (service.publishedEvents[exchange] ?? []).enumerated() where !recorded.contains(event) {
                    let advice =
                        SpellingAid.nearest(to: event, in: recorded).map { "did you mean \"\($0)\"?" }
                        ?? "record it with the contract test (docs/contracts.md)"
                    log.report("there is no recorded contract of \"\(event)\"; \(advice)", ofValueAt: place / position)
                }
            }
        }
        // Somebody who names the exchange alone may publish anything.
        let isAllKnown = topology.services.allSatisfy { service in service.publishes.allSatisfy { service.publishedEvents[$0] != nil } }
        guard isAllKnown else { return }
        let published = Set(topology.services.flatMap { $0.publishedEvents.values.flatMap(\.self) })
        for type in recorded where !published.contains(type) {
            log.report(
                "the contract of \"\(type)\" is recorded, and no service publishes it; add it to a service's publishes, or delete its records when none of its messages can be on their way any more",
                ofValueAt: contractsPath)
        }
    }
}
