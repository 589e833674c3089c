enum SecretKey: String, TopologyKey {
    case file, credential

    static let title = "a secret"
    var shape: ValueShape { .text }

    var summary: String {
        switch self {
        case .file: "A file that only its owner can read, relative to the topology file's folder."
        case .credential: "The name of a systemd credential, as LoadCredential= gives it."
        }
    }
}
