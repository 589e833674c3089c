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
        probe.timeout = reader[.timeout]?.duration(in: TopologyBounds.probeTimeout) ?? probe.timeout
        probe.jitter = reader[.jitter]?.number(in: TopologyBounds.jitter) ?? probe.jitter
        probe.failureThreshold = reader[.failureThreshold]?.integer(in: TopologyBounds.threshold) ?? probe.failureThreshold
        probe.successThreshold = reader[.successThreshold]?.integer(in: TopologyBounds.threshold) ?? probe.successThreshold
        if purpose != .readiness, probe.successThreshold > 1 {
            reader[.successThreshold]?.report(
                "found \(probe.successThreshold), expected 1: only a readiness probe can ask for more; remove it")
        }
        if purpose == .liveness {
            reader[.notify]?.report("READY=1 says nothing of liveness; use http, tcp or exec here, or watchdog, and notify for readiness")
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
        case .unix:
            return field.socketPath().map { .unix(path: $0) }
        case .tcp:
            return address(field, orUnix: false).map { .tcp($0) }
        case .amqp:
            return address(field, orUnix: true).map { .amqp($0) }
        case .postgres:
            return address(field, orUnix: true).map { .postgres($0) }
        case .redis:
            return address(field, orUnix: true).map { .redis($0) }
        default:
            return field.boolean().map {
                if !$0 { field.report("found false, expected true; or use another check") }
                return .notify
            }
        }
    }

    /// An address, or no address for `true`, which means the instance's own port; nil where it is neither.
    private static func address(_ field: Field, orUnix takesUnix: Bool) -> ListenAddress?? {
        let words = ["true", "True", "TRUE", "false", "False", "FALSE"]
        if let text = field.scalarText, words.contains(text) {
            if field.boolean() == false { field.report("found false, expected true; or use another check") }
            return .some(nil)
        }
        let expected = "true for the instance's own port, or an address such as 127.0.0.1:5672\(takesUnix ? " or unix:/run/x.sock" : "")"
        guard let address = ListenAddress(from: field, expected: expected) else { return nil }
        if case .unix(let path) = address, !takesUnix {
            field.report("found \(field.found), expected \(expected); write \"unix: \(path)\" instead of tcp")
        }
        return address
    }
}

extension Field {
    /// Bytes: the kernel takes 108 with the NUL at their end.
    private static let longestSocketPath = 107

    fileprivate func socketPath() -> String? {
        let expected = "the path of a socket, such as run/x.sock"
        guard let path = nonemptyString(expected: expected) else { return nil }
        guard !path.hasPrefix("unix:"), !path.hasSuffix("/"), path.utf8.count <= Self.longestSocketPath else {
            let advice =
                path.hasPrefix("unix:") ? "; write \(path.dropFirst(5))" : ", at most \(Self.longestSocketPath) bytes long"
            reportFound(expected: expected + advice)
            return nil
        }
        return path
    }
}
