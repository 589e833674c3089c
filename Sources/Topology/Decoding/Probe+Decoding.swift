extension Probe {
    enum Purpose {
        case startup, readiness, liveness
    }

    /// Nil where it is no map at all.
    init?(from field: Field, for purpose: Purpose) {
        let reader = ObjectReader(field, ProbeKey.self)
        guard field.isMap || field.isNull else { return nil }
        let given = ProbeKey.checks.filter { reader.has($0) }
        let checks = given.map { kind in reader[kind].flatMap { Self.check(kind, $0) } }
        if given.count != 1 {
            let names = ProbeKey.checks.map(\.rawValue).joined(separator: ", ")
            field.report(
                "found \(given.isEmpty ? "no check" : "\(given.count) checks"), expected one of \(names); such as {http: /health/ready}")
        }
        var probe = Probe((checks.first ?? nil) ?? .tcp(nil))
        probe.initialDelay = reader[.initialDelay]?.duration(in: TopologyBounds.probeDelay) ?? probe.initialDelay
        probe.period = reader[.period]?.duration(in: TopologyBounds.probePeriod) ?? probe.period
        probe.timeout = reader[.timeout]?.duration(in: TopologyBounds.probePeriod) ?? probe.timeout
        probe.failureThreshold = reader[.failureThreshold]?.integer(in: TopologyBounds.threshold) ?? probe.failureThreshold
        probe.successThreshold = reader[.successThreshold]?.integer(in: TopologyBounds.threshold) ?? probe.successThreshold
        if purpose != .readiness, probe.successThreshold > 1 {
            reader[.successThreshold]?.report(
                "found \(probe.successThreshold), expected 1: only a readiness probe can ask for more; remove it")
        }
        if purpose == .liveness {
            reader[.notify]?.report("READY=1 says nothing of liveness; use http, tcp or exec here, and notify for readiness")
        }
        self = probe
    }

    private static func check(_ kind: ProbeKey, _ field: Field) -> Check? {
        switch kind {
        case .http:
            guard let path = field.string(expected: "a path such as /health/ready") else { return nil }
            guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                field.reportFound(
                    expected: "a path that begins with \"/\", without spaces, such as /health/ready; the port is the instance's own")
                return nil
            }
            return .http(path: path)
        case .exec:
            return field.words(expected: "a command, such as \"pg_isready -q\" or [pg_isready, -q]").map { .exec($0) }
        default:
            guard let isOn = field.boolean() else { return nil }
            if !isOn { field.report("found false, expected true; or use another check") }
            return kind == .notify ? .notify : .tcp(nil)
        }
    }
}
