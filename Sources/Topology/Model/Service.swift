/// A service: one executable, run as `instances` processes.
package struct Service: Sendable, Equatable {
    package var name: String
    /// The executable and its arguments, split as a shell would split words; nothing is expanded.
    package var command: [String]
    /// Relative to the topology file's folder.
    package var workingDirectory: String?
    package var environment: [String: String]
    /// Variables taken from the environment that Signalbox itself was started with, where it has them: for secrets, which the file must not hold.
    package var passedEnvironment: [String]
    /// Sockets that the keeper opens and hands over as in sd_listen_fds(3).
    package var listen: [ListenAddress]
    package var instances: Int
    package var dependsOn: [Dependency]
    package var startup: Probe?
    package var readiness: Probe?
    package var liveness: Probe?
    package var restart: RestartRules
    package var stop: StopRules
    package var scale: ScaleRule?
    package var limits: Limits
    /// The exchanges that the service may publish to.
    package var publishes: [String]
    /// Of those exchanges that the file names the event types of: all that the service publishes there. An exchange that is not in it:
    /// unknown.
    package var publishedEvents: [String: [String]]
    package var user: String?
    package var group: String?
    /// The file mode creation mask of its processes; nil: Signalbox's own.
    package var umask: Int?
    package var lifetime: Lifetime
    /// How a change or a restart replaces its instances.
    package var update: UpdateRules
    /// An instance that does not say WATCHDOG=1 on its NOTIFY_SOCKET within this, ever again, is restarted. Nil: none.
    package var watchdog: Duration?
    /// Where its output goes; nil: as the topology's `logs` says.
    package var logs: LogRules?
    /// By environment variable.
    package var secrets: [String: Secret]

    package init(
        name: String, command: [String], workingDirectory: String? = nil, environment: [String: String] = [:],
        listen: [ListenAddress] = [], instances: Int = 1, dependsOn: [Dependency] = [], startup: Probe? = nil,
        readiness: Probe? = nil, liveness: Probe? = nil, restart: RestartRules = .init(), stop: StopRules = .init(),
        scale: ScaleRule? = nil, limits: Limits = .init(), publishes: [String] = [], user: String? = nil, group: String? = nil,
        passedEnvironment: [String] = [], umask: Int? = nil, lifetime: Lifetime = .continuous, update: UpdateRules = .init(),
        watchdog: Duration? = nil, logs: LogRules? = nil, secrets: [String: Secret] = [:],
        publishedEvents: [String: [String]] = [:]
    ) {
        self.publishedEvents = publishedEvents
        self.umask = umask
        self.lifetime = lifetime
        self.update = update
        self.watchdog = watchdog
        self.logs = logs
        self.secrets = secrets
        self.passedEnvironment = passedEnvironment
        self.name = name
        self.command = command
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.listen = listen
        self.instances = instances
        self.dependsOn = dependsOn
        self.startup = startup
        self.readiness = readiness
        self.liveness = liveness
        self.restart = restart
        self.stop = stop
        self.scale = scale
        self.limits = limits
        self.publishes = publishes
        self.user = user
        self.group = group
    }
}

/// What must hold of `name` before a service starts. The names `broker`, `database` and `cache` mean the servers.
package struct Dependency: Sendable, Hashable {
    package enum Condition: String, Sendable, CaseIterable {
        case started, ready, completed
    }

    package var name: String
    package var condition: Condition

    package init(name: String, condition: Condition = .ready) {
        self.name = name
        self.condition = condition
    }
}

/// A question asked of an instance again and again, as Kubernetes defines them.
package struct Probe: Sendable, Equatable {
    package enum Check: Sendable, Equatable {
        /// GET on the instance's own port; any status from 200 to 399 is a success.
        case http(path: String)
        /// A TCP connection; nil: to the instance's own port, here and below.
        case tcp(ListenAddress?)
        /// A connection to a Unix socket; a relative path begins in the service's working directory.
        case unix(path: String)
        /// The answer of a RabbitMQ to the protocol's header.
        case amqp(ListenAddress?)
        /// The answer of a PostgreSQL to a request to connect, as pg_isready(1) asks it.
        case postgres(ListenAddress?)
        /// The answer of a Redis to PING; that it wants a password is an answer too.
        case redis(ListenAddress?)
        /// A command that ends with status 0.
        case exec([String])
        /// The instance says READY=1 on its NOTIFY_SOCKET.
        case notify
    }

    package var check: Check
    package var initialDelay: Duration
    package var period: Duration
    package var timeout: Duration
    package var failureThreshold: Int
    package var successThreshold: Int
    /// The part of `period` by which a check may come earlier or later, so that many do not come at once.
    package var jitter: Double

    package init(
        _ check: Check, initialDelay: Duration = .zero, period: Duration = .seconds(1), timeout: Duration = .seconds(1),
        failureThreshold: Int = 3, successThreshold: Int = 1, jitter: Double = 0.1
    ) {
        self.jitter = jitter
        self.check = check
        self.initialDelay = initialDelay
        self.period = period
        self.timeout = timeout
        self.failureThreshold = failureThreshold
        self.successThreshold = successThreshold
    }
}

/// When a process that ended is started again, and how soon.
package struct RestartRules: Sendable, Equatable {
    package enum Policy: String, Sendable, CaseIterable {
        case always
        case onFailure = "on-failure"
        case never
    }

    package var policy: Policy
    /// Delay before the second restart in a row; the first is at once.
    package var initialBackoff: Duration
    package var backoffFactor: Double
    package var maximumBackoff: Duration
    /// More than `limitRestarts` restarts within `limitWindow`: the instance has failed, and waits for a person.
    package var limitRestarts: Int
    package var limitWindow: Duration
    /// What particular ends mean; the first that fits holds, before the policy.
    package var exceptions: [RestartException]

    package init(
        policy: Policy = .always, initialBackoff: Duration = .milliseconds(100), backoffFactor: Double = 2,
        maximumBackoff: Duration = .seconds(30), limitRestarts: Int = 10, limitWindow: Duration = .seconds(60),
        exceptions: [RestartException] = []
    ) {
        self.exceptions = exceptions
        self.policy = policy
        self.initialBackoff = initialBackoff
        self.backoffFactor = backoffFactor
        self.maximumBackoff = maximumBackoff
        self.limitRestarts = limitRestarts
        self.limitWindow = limitWindow
    }
}

package struct StopRules: Sendable, Equatable {
    /// The signal's name without SIG: TERM, INT, QUIT, HUP, USR1, USR2, KILL.
    package var signal: String
    /// How long the process may take before whatever is left of it is killed.
    package var grace: Duration

    package init(signal: String = "TERM", grace: Duration = .seconds(20)) {
        self.signal = signal
        self.grace = grace
    }
}

package struct Limits: Sendable, Equatable {
    /// Bytes.
    package var memory: Int?
    /// Cores.
    package var cpu: Double?
    package var openFiles: Int?
    package var processes: Int?

    package init(memory: Int? = nil, cpu: Double? = nil, openFiles: Int? = nil, processes: Int? = nil) {
        self.memory = memory
        self.cpu = cpu
        self.openFiles = openFiles
        self.processes = processes
    }
}
