internal import CLinux
import Glibc

/// The part of cgroup2 in which the keeper may make cgroups for its processes.
struct ControlGroups {
    /// The controllers that limits need, each enabled if the kernel lets us.
    private static let wanted = ["memory", "cpu", "pids"]

    /// The folder above the processes' own.
    let base: String
    let controllers: Set<String>

    /// - Parameter name: `StateDirectory.name`.
    static func name(ofState name: String) -> String { "signalbox-\(name)" }

    /// - Parameter name: the base's name, the same for every keeper of a state directory.
    static func find(name: String) -> ControlGroups? {
        for place in places() {
            if let groups = use(place, name: name) { return groups }
        }
        return nil
    }

    /// Where a keeper of this name, an earlier one included, may have its base.
    static func possibleBases(name: String) -> [String] {
        places().map { "\($0.path)/\(name)" }
    }

    /// Whether the keeper itself is inside of this cgroup.
    static func isOwn(_ base: String) -> Bool {
        guard let mount = mounts().first, let own = ownPath(in: mount) else { return false }
        return own == base || own.hasPrefix(base + "/")
    }

    /// - Parameter name: unique for a start; what is not a letter, digit, dot or dash is replaced.
    func create(name: String, limits: ProcessLimits) throws(SystemError) -> ControlGroup {
        let group = try ControlGroup(path: "\(base)/\(Self.fileName(name))")
        do {
            try group.apply(limits, controllers: controllers)
        } catch {
            group.remove()
            throw error
        }
        return group
    }

    static func fileName(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "." })
    }

    private struct Place {
        var path: String
        /// Ours by delegation, with processes in it that must leave it before controllers can be enabled.
        var isDelegated: Bool
    }

    /// The best first: what systemd delegated to us, all of it if we are root, else where we are.
    private static func places() -> [Place] {
        guard let mount = mounts().first else { return [] }
        var places: [Place] = []
        let own = ownPath(in: mount)
        if let own, own != mount, isDelegated(own) { places.append(Place(path: own, isDelegated: true)) }
        if geteuid() == 0 { places.append(Place(path: mount, isDelegated: false)) }
        if let own, !places.contains(where: { $0.path == own }) { places.append(Place(path: own, isDelegated: false)) }
        return places
    }

    private static func use(_ place: Place, name: String) -> ControlGroups? {
        let base = "\(place.path)/\(name)"
        if place.isDelegated {
            // A cgroup with controllers for its children may hold no processes itself.
            let leaf = "\(place.path)/keeper"
            mkdir(leaf, 0o755)
            try? Files.write("0", to: leaf + "/cgroup.procs")
        }
        guard mkdir(base, 0o755) == 0 || errno == EEXIST else { return nil }
        for controller in wanted {
            try? Files.write("+\(controller)", to: place.path + "/cgroup.subtree_control")
            try? Files.write("+\(controller)", to: base + "/cgroup.subtree_control")
        }
        guard access(base + "/cgroup.kill", W_OK) == 0, canStartProcess(in: base + "/probe") else {
            ControlGroup.remove(base)
            return nil
        }
        let enabled = Files.readText(base + "/cgroup.subtree_control") ?? ""
        return ControlGroups(base: base, controllers: Set(enabled.split { $0.isWhitespace }.map(String.init)).intersection(wanted))
    }

    private static func canStartProcess(in path: String) -> Bool {
        guard let probe = try? ControlGroup(path: path), let directory = probe.directory else { return false }
        defer { probe.remove() }
        return clinux_try_cgroup(directory.number) == 0
    }

    /// systemd marks a delegated cgroup by an extended attribute: trusted for system units, user for those of users.
    private static func isDelegated(_ path: String) -> Bool {
        for name in ["trusted.delegate", "user.delegate"] {
            var value: UInt8 = 0
            if clinux_get_attribute(path, name, &value, 1) == 1, value == UInt8(ascii: "1") { return true }
        }
        return false
    }

    private static func mounts() -> [String] {
        let text = Files.readText("/proc/self/mounts") ?? ""
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 2 && fields[2] == "cgroup2" ? String(fields[1]) : nil
        }
    }

    private static func ownPath(in mount: String) -> String? {
        let text = Files.readText("/proc/self/cgroup") ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else { return nil }
        let relative = line.dropFirst(3)
        let path = relative == "/" ? mount : mount + relative
        return Files.isDirectory(path) ? path : nil
    }
}
