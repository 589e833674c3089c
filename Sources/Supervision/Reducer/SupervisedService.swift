package import Topology

/// What the reducer has to know of a service or a server.
package struct SupervisedService: Sendable, Equatable {
    package var name: String
    package var kind: ServiceStatus.Kind
    /// A server that is already there: probed, never started or stopped.
    package var isExternal: Bool
    /// As declared.
    package var instances: Int
    /// How many a person may ask for.
    package var range: ClosedRange<Int>
    package var dependencies: [Dependency]
    /// Services that this one passes requests on to: they are stopped after it.
    package var fronts: [String]
    package var startup: SupervisedProbe?
    package var readiness: SupervisedProbe?
    package var liveness: SupervisedProbe?
    package var restart: RestartRules
    package var stop: StopRules
    package var scale: ScaleRule?
    package var lifetime: Lifetime
    package var update: UpdateRules
    package var watchdog: Duration?
    /// The gateway is told of its instances.
    package var takesRequests: Bool
    /// Two that are equal need no restart to become one another.
    package var fingerprint: String
    /// Processes of two that differ here must not run side by side: they would work on different servers.
    package var foundation: String

    package init(
        name: String, kind: ServiceStatus.Kind = .service, isExternal: Bool = false, instances: Int = 1, range: ClosedRange<Int> = 0...64,
        dependencies: [Dependency] = [], fronts: [String] = [], startup: SupervisedProbe? = nil, readiness: SupervisedProbe? = nil,
        liveness: SupervisedProbe? = nil, restart: RestartRules = .init(), stop: StopRules = .init(), scale: ScaleRule? = nil,
        takesRequests: Bool = false, fingerprint: String = "", foundation: String = "", lifetime: Lifetime = .continuous,
        update: UpdateRules = .init(), watchdog: Duration? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isExternal = isExternal
        self.instances = instances
        self.range = range
        self.dependencies = dependencies
        self.fronts = fronts
        self.startup = startup
        self.readiness = readiness
        self.liveness = liveness
        self.restart = restart
        self.stop = stop
        self.scale = scale
        self.takesRequests = takesRequests
        self.fingerprint = fingerprint
        self.foundation = foundation
        self.lifetime = lifetime
        self.update = update
        self.watchdog = watchdog
    }

    package func probe(for purpose: SupervisedProbe.Purpose) -> SupervisedProbe? {
        switch purpose {
        case .startup: startup
        case .readiness: readiness
        case .liveness: liveness
        }
    }
}
