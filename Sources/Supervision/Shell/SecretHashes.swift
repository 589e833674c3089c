import Topology

/// What the secrets of services were when they were last looked at, told by keyed hashes: enough to see that one has changed.
struct SecretHashes: Codable, Sendable, Equatable {
    /// Instead of a hash, for one that could never be read.
    static let unknown = "unknown"

    /// By service, then by variable.
    var hashes: [String: [String: String]] = [:]

    /// - Parameter before: holds for what cannot be read now: that a file is missing changes no running process.
    init(of topology: Topology, reader: SecretReader, key: KeyedHash, before: SecretHashes) {
        for service in topology.services where !service.secrets.isEmpty {
            var own: [String: String] = [:]
            for (variable, secret) in service.secrets {
                if let value = try? reader.value(of: secret) {
                    own[variable] = key.hash([service.name, variable, value])
                } else {
                    own[variable] = before.hashes[service.name]?[variable] ?? Self.unknown
                }
            }
            hashes[service.name] = own
        }
    }

    init() {}

    /// For a fingerprint.
    func parts(of service: String) -> [String] {
        (hashes[service] ?? [:]).sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    /// The variables whose values differ.
    func changes(of service: String, from old: SecretHashes) -> [String] {
        let (new, old) = (hashes[service] ?? [:], old.hashes[service] ?? [:])
        return Set(new.keys).intersection(old.keys).filter { new[$0] != old[$0] }.sorted()
    }
}
