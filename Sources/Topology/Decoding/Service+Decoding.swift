extension Service {
    init(name: String, from field: Field) {
        let reader = ObjectReader(field, ServiceKey.self)
        let scale = reader[.scale].map { ScaleRule(from: $0) }
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
            restart: reader[.restart].map { RestartRules(from: $0) } ?? RestartRules(),
            stop: reader[.stop].map { StopRules(from: $0) } ?? StopRules(),
            scale: scale,
            limits: reader[.limits].map { Limits(from: $0) } ?? Limits(),
            publishes: reader[.publishes]?.strings(of: "exchanges") ?? [],
            user: reader[.user]?.nonemptyString(expected: "a system user"),
            group: reader[.group]?.nonemptyString(expected: "a system group"),
            passedEnvironment: environment.passed)
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
            if !TopologyNames.isVariableName(name) {
                field.log.report(
                    "\(value.path): found \"\(name)\", expected a variable's name: letters, digits and \"_\"", at: Field.place(key))
            } else if TopologyNames.reservedVariables.contains(name) {
                field.log.report("\(value.path): Signalbox itself hands \(name) to the service; choose another name", at: Field.place(key))
            }
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

extension RestartRules {
    init(from field: Field) {
        self.init()
        if field.isScalar {
            policy = field.choice(Policy.self) ?? policy
            return
        }
        let reader = ObjectReader(field, RestartKey.self)
        policy = reader[.policy]?.choice(Policy.self) ?? policy
        if let field = reader[.backoff] {
            let backoff = ObjectReader(field, BackoffKey.self)
            initialBackoff = backoff[.initial]?.duration(in: TopologyBounds.backoff) ?? initialBackoff
            backoffFactor = backoff[.factor]?.number(in: TopologyBounds.backoffFactor) ?? backoffFactor
            maximumBackoff = backoff[.max]?.duration(in: TopologyBounds.backoff) ?? max(maximumBackoff, initialBackoff)
            if initialBackoff > maximumBackoff {
                (backoff[.initial] ?? field).report(
                    "the first delay of \(DurationText.write(initialBackoff)) is longer than max, \(DurationText.write(maximumBackoff)); raise max or lower initial"
                )
            }
        }
        if let limit = reader[.limit].map({ ObjectReader($0, RestartLimitKey.self) }) {
            limitRestarts = limit[.restarts]?.integer(in: TopologyBounds.restarts) ?? limitRestarts
            limitWindow = limit[.within]?.duration(in: TopologyBounds.restartWindow) ?? limitWindow
        }
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

extension ScaleRule {
    init(from field: Field) {
        let reader = ObjectReader(field, ScaleKey.self)
        self.init()
        minimum = reader[.min]?.integer(in: TopologyBounds.instances) ?? minimum
        maximum = reader[.max]?.integer(in: TopologyBounds.instances) ?? max(maximum, minimum)
        queue = reader[.queue]?.nonemptyString(expected: "a queue")
        backlogPerInstance = reader[.backlogPerInstance]?.integer(in: TopologyBounds.backlog) ?? backlogPerInstance
        if minimum > maximum {
            (reader[.min] ?? field).report("min is \(minimum) and max is \(maximum); min cannot be more than max")
            maximum = minimum
        }
        if let backlog = reader[.backlogPerInstance], !reader.has(.queue) {
            backlog.report("backlog_per_instance says nothing without a queue; add \"queue: …\" or remove it")
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
