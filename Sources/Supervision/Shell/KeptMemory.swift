import Glibc

/// `remembered.json`: what the reducer wants to know again after a restart of the supervisor.
struct KeptMemory: Codable, Sendable, Equatable {
    /// Which keeper ran when it was written.
    var keeper: String
    var remembered: Remembered
    /// By service that was scaled by hand: what the file said then. Another number there takes its place.
    var declared: [String: Int]

    init(_ remembered: Remembered, keeper: String, definitions: [SupervisedService]) {
        self.keeper = keeper
        self.remembered = remembered
        declared = [:]
        for definition in definitions where remembered.scaledByHand[definition.name] != nil {
            declared[definition.name] = definition.instances
        }
    }

    /// What of it still holds. A new keeper means that everything was taken down, and begins again as the file says.
    func remembered(by keeper: String, for definitions: [SupervisedService]) -> Remembered {
        var remembered = remembered
        if keeper != self.keeper {
            remembered = Remembered(
                scaledByHand: remembered.scaledByHand, rolledBack: remembered.rolledBack, lastRuns: remembered.lastRuns)
        }
        let counts = Dictionary(definitions.map { ($0.name, $0.instances) }, uniquingKeysWith: { first, _ in first })
        remembered.scaledByHand = remembered.scaledByHand.filter { counts[$0.key] == declared[$0.key] }
        return remembered
    }

    /// Names our keeper for good: its pid, when it was started, and the boot.
    static var currentKeeper: String {
        let parent = getppid()
        let stat = (try? StateFile.read("/proc/\(parent)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        // The name in parentheses may have spaces in it; the start is the 20th field after it.
        let fields = stat.lastIndex(of: ")").map { stat[$0...].split(separator: " ") } ?? []
        let boot = (try? StateFile.read("/proc/sys/kernel/random/boot_id")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return "\(parent) \(fields.count > 20 ? fields[20] : "") \(boot.prefix { $0 != "\n" })"
    }
}
