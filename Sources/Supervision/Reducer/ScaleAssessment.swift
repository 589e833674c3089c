import Topology

/// What a service's rules make of one measurement.
struct ScaleAssessment {
    /// The most that any of them wants.
    let needed: Int
    /// The measures, for a person.
    let evidence: String

    /// Nil when nothing was measured that a rule goes by.
    init?(_ rule: ScaleRule, _ service: ServiceState, _ measures: ScaleMeasures) {
        var wanted: [Int] = []
        var words: [String] = []
        let desired = service.desired
        // Without a queue nothing would ever bring back the last one.
        var least = 1
        if let queue = rule.queue, let messages = measures.readyMessages[queue] {
            let perInstance = max(1, rule.backlogPerInstance)
            least = 0
            wanted.append(Self.instances(for: Double(messages), each: Double(perInstance), desired: desired, tolerance: rule.tolerance))
            words.append("\(messages) messages ready in \(queue), \(perInstance) an instance")
            if let target = rule.consumerUtilisation, let utilisation = measures.consumerUtilisation[queue] {
                words.append("its consumers could take more \(Self.percent(utilisation)) of the time, \(Self.percent(target)) wanted")
                wanted.append(Self.instances(utilisation, target, rule.tolerance, service, hasBacklog: messages > 0))
            }
        }
        if let each = rule.cpu, each > 0 {
            let cores = service.instances.compactMap { instance in
                measures.cores[InstanceID(service.name, instance.number, instance.main.slot)]
            }
            if !cores.isEmpty {
                let sum = cores.reduce(0, +)
                wanted.append(max(least, Self.instances(for: sum, each: each, desired: desired, tolerance: rule.tolerance)))
                words.append("\(Self.hundredths(sum)) cores in use, \(Self.hundredths(each)) an instance")
            }
        }
        guard let most = wanted.max() else { return nil }
        needed = most
        evidence = words.joined(separator: "; ")
    }

    /// So many that each has `each` of `amount` at most; as many as now while that is off by no more than the tolerance.
    static func instances(for amount: Double, each: Double, desired: Int, tolerance: Double) -> Int {
        let share = amount / each
        if desired > 0, abs(share / Double(desired) - 1) <= tolerance { return desired }
        return Int(min(max(share, 0).rounded(.up), Double(Int32.max)))
    }

    /// One more while the consumers cannot keep up, one fewer only where they have time to spare, so that the number does not swing.
    private static func instances(
        _ utilisation: Double, _ target: Double, _ tolerance: Double, _ service: ServiceState, hasBacklog: Bool
    ) -> Int {
        if utilisation >= min(1, target * (1 + tolerance)) { return max(0, service.desired - 1) }
        // One that is still coming up has not had its say.
        let isShort = hasBacklog && utilisation < target * (1 - tolerance) && service.readyCount >= service.desired
        return isShort ? service.desired + 1 : service.desired
    }

    private static func percent(_ part: Double) -> String { "\(Int((min(max(part, 0), 1) * 100).rounded())) %" }

    private static func hundredths(_ value: Double) -> String { "\((min(max(value, 0), 1e6) * 100).rounded() / 100)" }
}
