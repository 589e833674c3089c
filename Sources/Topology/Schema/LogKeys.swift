enum LogKey: String, TopologyKey {
    case to
    case maxSize = "max_size"
    case keep
    case maxAge = "max_age"

    static let title = "log rules"

    var shape: ValueShape {
        switch self {
        case .to: .choice(LogRules.Destination.self)
        case .maxSize: .size
        case .keep: .integer(TopologyBounds.logFiles)
        case .maxAge: .duration
        }
    }

    var summary: String {
        switch self {
        case .to: "files (if not given), journal or both."
        case .maxSize: "The size at which the next file is begun; 16M if not given."
        case .keep: "So many full files of an instance are kept; 4 if not given."
        case .maxAge: "The age at which the next file is begun; by size alone if not given."
        }
    }
}
