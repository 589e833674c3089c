/// Every recorded contract of a topology.
package struct ContractCatalogue: Sendable {
    /// By type, then by version.
    package private(set) var contracts: [RecordedContract] = []

    package init() {}

    /// - Throws: every mistake in the files, with its place.
    package init(_ files: [ContractFile]) throws(TopologyMistakes) {
        var mistakes: [TopologyMistake] = []
        for file in files {
            let log = MistakeLog(file: file.path)
            let contract = RecordedContract(from: file, log: log)
            mistakes += log.mistakes
            guard let contract else { continue }
            if let other = contracts.first(where: { $0.type == contract.type && $0.version == contract.version }) {
                log.report(
                    "\(other.type) version \(other.version) is recorded in another file already; delete the one whose name is not \(other.type).v\(other.version).json",
                    line: 1, column: 1)
                mistakes += log.mistakes
            } else {
                contracts.append(contract)
            }
        }
        guard mistakes.isEmpty else { throw TopologyMistakes(mistakes) }
        contracts.sort { ($0.type, $0.version) < ($1.type, $1.version) }
    }

    package var isEmpty: Bool { contracts.isEmpty }

    /// Each once.
    package var types: [String] {
        contracts.indices.filter { $0 == 0 || contracts[$0 - 1].type != contracts[$0].type }.map { contracts[$0].type }
    }

    /// Oldest first.
    package func versions(of type: String) -> [RecordedContract] { contracts.filter { $0.type == type } }
}
