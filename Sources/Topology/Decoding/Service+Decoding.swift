extension Service {
    /// - Parameter logs: those of the whole file.
    init(name: String, from field: Field, logs: LogRules) {
        let reader = ObjectReader(field, ServiceKey.self)
        let lifetime = Lifetime(type: reader[.type], schedule: reader[.schedule])
        let scale = reader[.scale].map { ScaleRule(from: $0) }
        let publications = reader[.publishes].map { Publications(from: $0) } ?? Publications()
        let environment: (given: [String: String], passed: [String]) = reader[.environment].map(Self.environment) ?? ([:], [])
        self.init(
            name: name,
            command: reader[.command]?.words() ?? [],
            workingDirectory: reader[.workingDirectory]?.nonemptyString(expected: "a folder"),
            environment: environment.given,
            listen: reader[.listen].map(Self.addresses) ?? [],
            instances: reader[.instances]?.integer(in: TopologyBounds.instances) ?? min(max(1, scale?.minimum ?? 1), scale?.maximum ?? 1),
            dependsOn: reader[.dependsOn].map(Self.dependencies) ?? [],
            startup: reader[.startup].flatMap { Probe(from: $0, for: .startup) },
            readiness: reader[.readiness].flatMap { Probe(from: $0, for: .readiness) },
            liveness: reader[.liveness].flatMap { Probe(from: $0, for: .liveness) },
            restart: RestartRules(from: reader[.restart], of: lifetime),
            stop: reader[.stop].map { StopRules(from: $0) } ?? StopRules(),
            scale: scale,
            limits: reader[.limits].map { Limits(from: $0) } ?? Limits(),
            publishes: publications.exchanges,
            user: reader[.user]?.nonemptyString(expected: "a system user"),
            group: reader[.group]?.nonemptyString(expected: "a system group"),
            passedEnvironment: environment.passed,
            umask: reader[.umask]?.fileModeMask(),
            lifetime: lifetime,
            update: reader[.update].map { UpdateRules(from: $0) } ?? UpdateRules(),
            watchdog: reader[.watchdog]?.duration(in: TopologyBounds.watchdog),
            logs: reader[.logs].map { LogRules(from: $0, else: logs) },
            secrets: reader[.secrets].map { Secret.named($0, beside: environment.given.keys + environment.passed) } ?? [:],
            publishedEvents: publications.events)
    }

    private static func addresses(_ field: Field) -> [ListenAddress] {
        field.isList ? field.list(of: "addresses").compactMap { ListenAddress(from: $0) } : [ListenAddress(from: field)].compactMap(\.self)
    }

    /// - Returns: the variables with a value, and the names of those without.
    private static func environment(_ field: Field) -> (given: [String: String], passed: [String]) {
        if field.isList {
            field.reportFound(expected: "a map of variables; write NAME: value instead of - NAME=value")
            return ([:], [])
        }
        var variables: [String: String] = [:]
        var passed: [String] = []
        for (name, key, value) in field.entries(expected: "a map of variables") {
            field.log.checkVariable(name, at: value.path, key)
            if value.isNull {
                passed.append(name)
            } else {
                variables[name] = value.string(expected: "text")
            }
        }
        return (variables, passed.sorted())
    }

    private static func dependencies(_ field: Field) -> [Dependency] {
        if field.isMap {
            return field.entries(expected: "names").map { name, _, value in
                if value.isNull { return Dependency(name: name) }
                let condition = value.isMap ? ObjectReader(value, DependencyKey.self)[.condition] : value
                return Dependency(name: name, condition: condition.flatMap(Self.condition) ?? .ready)
            }
        }
        return field.strings(of: "names of services or of broker, database, cache").map { Dependency(name: $0) }
    }

    private static func condition(_ field: Field) -> Dependency.Condition? {
        let compose = ["service_started": "started", "service_healthy": "ready", "service_completed_successfully": "completed"]
        if let text = field.scalarText, let meant = compose[text] {
            field.report("found \"\(text)\", expected started, ready or completed; write \(meant)")
            return nil
        }
        return field.choice(Dependency.Condition.self)
    }
}

extension StopRules {
    init(from field: Field) {
        let reader = ObjectReader(field, StopKey.self)
        self.init()
        grace = reader[.grace]?.duration(in: TopologyBounds.stopGrace) ?? grace
        guard let field = reader[.signal] else { return }
        if let text = field.scalarText, text.hasPrefix("SIG"), StopSignal(rawValue: String(text.dropFirst(3))) != nil {
            field.report("found \"\(text)\"; write it without SIG: \(text.dropFirst(3))")
        } else {
            signal = field.choice(StopSignal.self)?.rawValue ?? signal
        }
    }
}

extension Limits {
    init(from field: Field) {
        let reader = ObjectReader(field, LimitsKey.self)
        self.init(
            memory: reader[.memory]?.size(in: TopologyBounds.memory),
            cpu: reader[.cpu]?.number(in: TopologyBounds.cores),
            openFiles: reader[.openFiles]?.integer(in: TopologyBounds.openFiles),
            processes: reader[.processes]?.integer(in: TopologyBounds.processes))
    }
}
