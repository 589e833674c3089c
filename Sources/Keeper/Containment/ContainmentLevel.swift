/// How well processes can be held here.
enum ContainmentLevel {
    case controlGroups(ControlGroups)
    case sessions

    static func find(name: String, usesControlGroups: Bool) -> ContainmentLevel {
        if usesControlGroups, let groups = ControlGroups.find(name: name) { return .controlGroups(groups) }
        return .sessions
    }

    var controllers: Set<String> {
        if case .controlGroups(let groups) = self { groups.controllers } else { [] }
    }

    /// For a person, and for /health.
    ///
    /// - Parameter legacy: controllers of cgroup1 that limit instead.
    func description(legacy: Set<String>) -> String {
        if !legacy.isEmpty { return withoutLimits + " + limits of \(controllers.union(legacy).sorted().joined(separator: ", ")) (cgroup1)" }
        return switch self {
        case .controlGroups(let groups) where groups.controllers.isEmpty: "cgroup2 without limits"
        case .controlGroups(let groups) where groups.controllers.count < 3:
            "cgroup2 with limits of \(groups.controllers.sorted().joined(separator: ", ")) only"
        case .controlGroups: "cgroup2"
        case .sessions: withoutLimits
        }
    }

    private var withoutLimits: String {
        switch self {
        case .controlGroups: "cgroup2"
        case .sessions: "process group + subreaper"
        }
    }

    func create(name: String, limits: ProcessLimits, token: RunToken, tag: RunTag) throws(SystemError) -> any Containment {
        switch self {
        case .controlGroups(let groups): try groups.create(name: name, limits: limits)
        case .sessions: SessionContainment(token: token, tag: tag)
        }
    }
}
