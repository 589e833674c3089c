internal import Synchronization
import Topology

/// The secrets of a service, for its probes' commands: read once, by the thread of the first command.
final class ProbeSecrets: Sendable {
    private let secrets: [String: Secret]
    private let reader: SecretReader
    private let known = Mutex<[String: String]?>(nil)

    /// - Parameter secrets: by variable.
    init(_ secrets: [String: Secret], reader: SecretReader) {
        self.secrets = secrets
        self.reader = reader
    }

    /// By variable; one that cannot be read is left out. Blocks for as long as the disk takes, but nobody else with it.
    var values: [String: String] {
        if let known = known.withLock(\.self) { return known }
        var values: [String: String] = [:]
        for (variable, secret) in secrets { values[variable] = try? reader.value(of: secret) }
        known.withLock { $0 = values }
        return values
    }
}
