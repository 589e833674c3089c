enum ServiceKey: String, TopologyKey {
    case command
    case workingDirectory = "working_directory"
    case user, group, listen, instances
    case dependsOn = "depends_on"
    case startup, readiness, liveness, restart, stop, scale, environment, limits, publishes

    static let title = "a service"
    static let required: [ServiceKey] = [.command]

    var shape: ValueShape {
        switch self {
        case .command: .words
        case .workingDirectory, .user, .group: .text
        case .listen: .either([.text, .list(.text)])
        case .instances: .integer(TopologyBounds.instances)
        case .dependsOn:
            .either([.list(.text), .map(.either([.choice(Dependency.Condition.self), .object(DependencyKey.self)]), names: "")])
        case .startup, .readiness, .liveness: .object(ProbeKey.self)
        case .restart: .either([.choice(RestartRules.Policy.self), .object(RestartKey.self)])
        case .stop: .object(StopKey.self)
        case .scale: .object(ScaleKey.self)
        case .environment: .map(.scalar, names: TopologyNames.variablePattern)
        case .limits: .object(LimitsKey.self)
        case .publishes: .list(.text)
        }
    }

    var summary: String {
        switch self {
        case .command: "The executable and its arguments; no shell is run."
        case .workingDirectory: "Relative to the topology file's folder."
        case .user: "The system user to run as; Signalbox must run as root."
        case .group: "The system group to run as; the user's own if not given."
        case .listen: "Sockets that the keeper opens and hands over: 127.0.0.1:8080, [::1]:8080 or unix:run/x.sock."
        case .instances: "How many processes; 1 if not given."
        case .dependsOn: "What must be ready before the service starts: services, broker, database, cache."
        case .startup: "Until it succeeds, the other probes wait."
        case .readiness: "Whether an instance takes work."
        case .liveness: "An instance that fails it is restarted."
        case .restart: "When a process that ended is started again, and how soon."
        case .stop: "How an instance is asked to end."
        case .scale: "How many instances there may be, and what their number follows."
        case .environment: "Environment variables; one without a value is taken from the environment of `signalbox up`."
        case .limits: "What an instance may use."
        case .publishes: "The exchanges that the service may publish to; the first is where its events go."
        }
    }
}

enum DependencyKey: String, TopologyKey {
    case condition

    static let title = "a dependency"
    var shape: ValueShape { .choice(Dependency.Condition.self) }
    var summary: String { "started, ready (if not given) or completed." }
}

enum ProbeKey: String, TopologyKey {
    case http, tcp, exec, notify, period, timeout
    case failureThreshold = "failure_threshold"
    case successThreshold = "success_threshold"
    case initialDelay = "initial_delay"

    static let title = "a probe"
    static let checks: [ProbeKey] = [.http, .tcp, .exec, .notify]

    var shape: ValueShape {
        switch self {
        case .http: .textMatching("^/")
        case .tcp, .notify: .boolean
        case .exec: .words
        case .period, .timeout, .initialDelay: .duration
        case .failureThreshold, .successThreshold: .integer(TopologyBounds.threshold)
        }
    }

    var summary: String {
        switch self {
        case .http: "The path of a GET on the instance's own port; a status from 200 to 399 is a success."
        case .tcp: "true: a connection to the instance's own port is a success."
        case .exec: "A command that ends with status 0."
        case .notify: "true: the instance says READY=1 on its NOTIFY_SOCKET."
        case .period: "From one check to the next; 1s if not given."
        case .timeout: "For one check; 1s if not given."
        case .failureThreshold: "So many failures in a row count; 3 if not given."
        case .successThreshold: "So many successes in a row count; 1 if not given."
        case .initialDelay: "Before the first check."
        }
    }
}

enum RestartKey: String, TopologyKey {
    case policy, backoff, limit

    static let title = "restart rules"

    var shape: ValueShape {
        switch self {
        case .policy: .choice(RestartRules.Policy.self)
        case .backoff: .object(BackoffKey.self)
        case .limit: .object(RestartLimitKey.self)
        }
    }

    var summary: String {
        switch self {
        case .policy: "always (if not given), on-failure or never."
        case .backoff: "How the delays between restarts grow."
        case .limit: "How many restarts, before the instance has failed and waits for a person."
        }
    }
}

enum BackoffKey: String, TopologyKey {
    case initial, factor, max

    static let title = "a backoff"

    var shape: ValueShape {
        switch self {
        case .initial, .max: .duration
        case .factor: .number(TopologyBounds.backoffFactor)
        }
    }

    var summary: String {
        switch self {
        case .initial: "Before the second restart in a row; the first is at once. 100ms if not given."
        case .factor: "By which each delay is longer than the one before; 2 if not given."
        case .max: "The longest delay; 30s if not given."
        }
    }
}

enum RestartLimitKey: String, TopologyKey {
    case restarts, within

    static let title = "a restart limit"

    var shape: ValueShape {
        switch self {
        case .restarts: .integer(TopologyBounds.restarts)
        case .within: .duration
        }
    }

    var summary: String {
        switch self {
        case .restarts: "10 if not given."
        case .within: "60s if not given."
        }
    }
}

enum StopKey: String, TopologyKey {
    case signal, grace

    static let title = "stop rules"

    var shape: ValueShape {
        switch self {
        case .signal: .choice(StopSignal.self)
        case .grace: .duration
        }
    }

    var summary: String {
        switch self {
        case .signal: "TERM if not given."
        case .grace: "How long until whatever is left is killed; 20s if not given."
        }
    }
}

/// The signals that can ask a process to end.
enum StopSignal: String, CaseIterable {
    case TERM, INT, QUIT, HUP, USR1, USR2, KILL
}

enum ScaleKey: String, TopologyKey {
    case min, max, queue
    case backlogPerInstance = "backlog_per_instance"

    static let title = "a scale rule"

    var shape: ValueShape {
        switch self {
        case .min, .max: .integer(TopologyBounds.instances)
        case .queue: .text
        case .backlogPerInstance: .integer(TopologyBounds.backlog)
        }
    }

    var summary: String {
        switch self {
        case .min: "The fewest instances; 0 if not given."
        case .max: "The most instances; 64 if not given."
        case .queue: "The queue whose backlog the number of instances follows; by hand only if not given."
        case .backlogPerInstance: "One instance for so many waiting messages; 100 if not given."
        }
    }
}

enum LimitsKey: String, TopologyKey {
    case memory, cpu
    case openFiles = "open_files"
    case processes

    static let title = "limits"

    var shape: ValueShape {
        switch self {
        case .memory: .size
        case .cpu: .number(TopologyBounds.cores)
        case .openFiles: .integer(TopologyBounds.openFiles)
        case .processes: .integer(TopologyBounds.processes)
        }
    }

    var summary: String {
        switch self {
        case .memory: "Of one instance with all its children, such as 256M."
        case .cpu: "Cores, such as 0.5."
        case .openFiles: "File descriptors of a process."
        case .processes: "Processes and threads of an instance."
        }
    }
}
