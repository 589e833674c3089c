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
    package var user: String?
    package var group: String?

    package init(
        name: String, command: [String], workingDirectory: String? = nil, environment: [String: String] = [:],
        listen: [ListenAddress] = [], instances: Int = 1, dependsOn: [Dependency] = [], startup: Probe? = nil,
        readiness: Probe? = nil, liveness: Probe? = nil, restart: RestartRules = .init(), stop: StopRules = .init(),
        scale: ScaleRule? = nil, limits: Limits = .init(), publishes: [String] = [], user: String? = nil, group: String? = nil,
        passedEnvironment: [String] = []
    ) {
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
        /// A TCP connection to the instance's own port.
        case tcp
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

    package init(
        _ check: Check, initialDelay: Duration = .zero, period: Duration = .seconds(1), timeout: Duration = .seconds(1),
        failureThreshold: Int = 3, successThreshold: Int = 1
    ) {
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

    package init(
        policy: Policy = .always, initialBackoff: Duration = .milliseconds(100), backoffFactor: Double = 2,
        maximumBackoff: Duration = .seconds(30), limitRestarts: Int = 10, limitWindow: Duration = .seconds(60)
    ) {
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

/// How many instances a service may have, and the rule by which their number follows the work that waits.
package struct ScaleRule: Sendable, Equatable {
    package var minimum: Int
    package var maximum: Int
    /// With a queue: as many instances as its ready messages divided by `backlogPerInstance`, within the bounds. Without: by hand only.
    package var queue: String?
    package var backlogPerInstance: Int

    package init(minimum: Int = 0, maximum: Int = 64, queue: String? = nil, backlogPerInstance: Int = 100) {
        self.minimum = minimum
        self.maximum = maximum
        self.queue = queue
        self.backlogPerInstance = backlogPerInstance
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
