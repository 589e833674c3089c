import Glibc

/// The controllers of cgroup1 in which the keeper may make cgroups: on a host that has cgroup2 without controllers, or none of it.
struct LegacyControllers {
    private static let wanted = ["memory", "cpu", "pids"]

    /// The folder above the processes' own, for each controller that limits.
    let bases: [String: String]

    static let none = LegacyControllers(bases: [:])

    /// - Parameters:
    ///   - name: `ControlGroups.name`.
    ///   - enforced: controllers that cgroup2 has.
    static func find(name: String, except enforced: Set<String>) -> LegacyControllers {
        var bases: [String: String] = [:]
        for (controller, base) in possibleBases(name: name) where !enforced.contains(controller) {
            guard mkdir(base, 0o755) == 0 || errno == EEXIST, access(base + "/cgroup.procs", W_OK) == 0 else { continue }
            bases[controller] = base
        }
        return LegacyControllers(bases: bases)
    }

    /// Where a keeper of this name, an earlier one included, may have its bases.
    static func possibleBases(name: String) -> [String: String] {
        let own = ownPaths()
        var bases: [String: String] = [:]
        for line in (Files.readText("/proc/self/mounts") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[2] == "cgroup" else { continue }
            let options = Set(fields[3].split(separator: ",").map(String.init))
            for controller in wanted where options.contains(controller) {
                let mount = String(fields[1])
                let inside = mount + (own[controller] ?? "")
                // The mount shows less than the whole hierarchy in many containers.
                bases[controller] = (Files.isDirectory(inside) ? inside : mount) + "/" + name
            }
        }
        return bases
    }

    /// nil when nothing of these limits is enforced here.
    func create(name: String, limits: ProcessLimits) throws(SystemError) -> LimitGroup? {
        let group = try LimitGroup(bases: bases, name: ControlGroups.fileName(name), limits: limits)
        return group.joined.isEmpty ? nil : group
    }

    func remove() {
        for base in bases.values { ControlGroup.remove(base) }
    }

    private static func ownPaths() -> [String: String] {
        var paths: [String: String] = [:]
        for line in (Files.readText("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2] != "/" else { continue }
            for controller in fields[1].split(separator: ",") { paths[String(controller)] = String(fields[2]) }
        }
        return paths
    }
}
