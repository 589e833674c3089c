/// `previous.json`: the topologies still needed beside the applied one, because an update from them is under way or was rolled back.
struct KeptDeclarations: Codable, Sendable, Equatable {
    struct Declaration: Codable, Sendable, Equatable {
        var service: String
        var fingerprint: String
        /// In `topologies`.
        var topology: Int
    }

    struct Source: Codable, Sendable, Equatable {
        /// The topology file as it was.
        var text: String
        var secrets: SecretHashes
    }

    var topologies: [Source] = []
    var declarations: [Declaration] = []

    init() {}

    /// - Parameter kept: by service, then by fingerprint.
    init(_ kept: [String: [String: SupervisedTopology]]) {
        for (service, topologies) in kept.sorted(by: { $0.key < $1.key }) {
            for (fingerprint, supervised) in topologies.sorted(by: { $0.key < $1.key }) {
                let source = Source(text: supervised.text, secrets: supervised.secrets)
                let index = self.topologies.firstIndex(of: source) ?? self.topologies.endIndex
                if index == self.topologies.endIndex { self.topologies.append(source) }
                declarations.append(Declaration(service: service, fingerprint: fingerprint, topology: index))
            }
        }
    }
}
