import Topology

/// How the number of instances follows the work.
extension SupervisionState {
    mutating func follow(_ measures: ScaleMeasures) {
        guard !isShuttingDown else { return }
        for s in graph.scaled where !services[s].isRemoved && !services[s].isHeld && services[s].isContinuous {
            guard let rule = services[s].definition.scale, let assessment = ScaleAssessment(rule, services[s], measures) else { continue }
            follow(s, rule, assessment)
        }
    }

    /// Never fewer than a person has asked for. More, or fewer, have to be wanted for a stretch; then what would have done for all of it
    /// is enough.
    private mutating func follow(_ s: Int, _ rule: ScaleRule, _ assessment: ScaleAssessment) {
        let floor = max(rule.minimum, services[s].scaledByHand ?? rule.minimum)
        let needed = min(max(assessment.needed, floor), max(rule.maximum, floor))
        let desired = services[s].desired
        services[s].more = needed > desired ? Self.extended(services[s].more, needed, at: now, by: min) : nil
        services[s].fewer = needed < desired ? Self.extended(services[s].fewer, needed, at: now, by: max) : nil
        guard let stretch = services[s].more ?? services[s].fewer,
            now - stretch.since >= (services[s].more == nil ? rule.downAfter : rule.upAfter)
        else { return }
        if let last = services[s].scaledAt, now - last < rule.coolDown { return }
        services[s].more = nil
        services[s].fewer = nil
        services[s].scaledAt = now
        isMemoryStale = true
        let lasted = now - stretch.since
        setDesired(
            s, stretch.needed, Wish("scaled from \(desired) to \(stretch.needed) by its rule", by: Wish.supervisor),
            evidence: assessment.evidence + (lasted > .zero ? "; for \(lasted)" : ""))
    }

    private static func extended(
        _ stretch: ServiceState.Stretch?, _ needed: Int, at now: Duration, by choice: (Int, Int) -> Int
    ) -> ServiceState.Stretch {
        ServiceState.Stretch(since: stretch?.since ?? now, needed: stretch.map { choice($0.needed, needed) } ?? needed)
    }
}
