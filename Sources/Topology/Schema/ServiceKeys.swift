enum ServiceKey: String, TopologyKey {
    case command
    case type, schedule
    case workingDirectory = "working_directory"
    case user, group, umask, listen, instances
    case dependsOn = "depends_on"
    case startup, readiness, liveness, watchdog, restart, stop, update, scale, environment, secrets, limits, publishes, logs

    static let title = "a service"
    static let required: [ServiceKey] = [.command]

    var shape: ValueShape {
        switch self {
        case .command: .words
        case .type: .choice(ServiceType.self)
        case .schedule: .either([.text, .object(ScheduleKey.self)])
        case .workingDirectory, .user, .group: .text
        case .umask: .textMatching(FileModeMask.pattern)
        case .listen: .either([.text, .list(.text)])
        case .instances: .integer(TopologyBounds.instances)
        case .dependsOn:
            .either([.list(.text), .map(.either([.nothing, .choice(Dependency.Condition.self), .object(DependencyKey.self)]), names: "")])
        case .startup, .readiness, .liveness: .object(ProbeKey.self)
        case .watchdog: .duration
        case .restart: .either([.choice(RestartRules.Policy.self), .object(RestartKey.self)])
        case .stop: .object(StopKey.self)
        case .update: .object(UpdateKey.self)
        case .scale: .object(ScaleKey.self)
        case .environment: .map(.scalar, names: TopologyNames.variablePattern)
        case .secrets: .map(.object(SecretKey.self), names: TopologyNames.variablePattern)
        case .limits: .object(LimitsKey.self)
        case .publishes: .list(.either([.text, .object(PublicationKey.self)]))
        case .logs: .object(LogKey.self)
        }
    }

    var summary: String {
        switch self {
        case .command: "The executable and its arguments; no shell is run."
        case .type: "service (if not given): it goes on until it is stopped. one-shot: it has completed when it ends with status 0."
        case .schedule: "Runs it at these times only: a cron expression, or a map with its time zone and more."
        case .workingDirectory: "Relative to the topology file's folder."
        case .user: "The system user to run as; Signalbox must run as root."
        case .group: "The system group to run as; the user's own if not given."
        case .umask: "The mode bits that its new files do not get, such as \"027\"; Signalbox's own if not given."
        case .listen: "Sockets that the keeper opens and hands over: 127.0.0.1:8080, [::1]:8080 or unix:run/x.sock."
        case .instances: "How many processes; 1 if not given."
        case .dependsOn: "What must be started, ready (if not given) or completed before it starts: services, broker, database, cache."
        case .startup: "Until it succeeds, the other probes wait."
        case .readiness: "Whether an instance takes work."
        case .liveness: "An instance that fails it is restarted."
        case .watchdog: "An instance that does not say WATCHDOG=1 on its NOTIFY_SOCKET for so long is restarted."
        case .restart: "When a process that ended is started again, and how soon."
        case .stop: "How an instance is asked to end."
        case .update: "How a change or a restart replaces its instances."
        case .scale: "How many instances there may be, and what their number follows."
        case .environment: "Environment variables; one without a value is taken from the environment of `signalbox up`."
        case .secrets: "Environment variables whose values are read from files or systemd credentials when a process starts."
        case .limits: "What an instance may use."
        case .publishes: "The exchanges that the service may publish to, best with its event types; the first is where its events go."
        case .logs: "Where its output goes; what is not given is as the file's own logs say."
        }
    }
}

enum PublicationKey: String, TopologyKey {
    case exchange, events

    static let title = "a publication"
    static let required: [PublicationKey] = [.exchange, .events]

    var shape: ValueShape {
        switch self {
        case .exchange: .text
        case .events: .list(.text)
        }
    }

    var summary: String {
        switch self {
        case .exchange: "One of the exchanges of this file."
        case .events: "Every event type that the service publishes there."
        }
    }
}

enum DependencyKey: String, TopologyKey {
    case condition

    static let title = "a dependency"
    var shape: ValueShape { .choice(Dependency.Condition.self) }
    var summary: String { "started, ready (if not given) or completed." }
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
