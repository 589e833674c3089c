extension Service {
    /// The keys that a process takes in at its start.
    static func rollingReasons(_ old: Service, _ new: Service) -> [String] {
        let servers: ([Dependency]) -> Set<String> = { list in Set(list.map(\.name)).intersection(TopologyNames.servers) }
        let isSame: [(ServiceKey, Bool)] = [
            (.command, old.command == new.command),
            (.workingDirectory, old.workingDirectory == new.workingDirectory),
            (.user, old.user == new.user),
            (.group, old.group == new.group),
            (.listen, old.listen == new.listen),
            (.environment, old.environment == new.environment && old.passedEnvironment == new.passedEnvironment),
            (.limits, old.limits == new.limits),
            // The first is where its events go; the others are the broker's permissions alone.
            (.publishes, old.publishes.first == new.publishes.first),
            (.dependsOn, servers(old.dependsOn) == servers(new.dependsOn)),
        ]
        return isSame.filter { !$0.1 }.map(\.0.rawValue)
    }

    /// The keys that only the supervisor goes by.
    static func inPlaceReasons(_ old: Service, _ new: Service) -> [String] {
        let services: ([Dependency]) -> Set<Dependency> = { list in
            Set(list.filter { !TopologyNames.servers.contains($0.name) })
        }
        let isSame: [(ServiceKey, Bool)] = [
            (.instances, old.instances == new.instances),
            (.scale, old.scale == new.scale),
            (.startup, old.startup == new.startup),
            (.readiness, old.readiness == new.readiness),
            (.liveness, old.liveness == new.liveness),
            (.restart, old.restart == new.restart),
            (.stop, old.stop == new.stop),
            (.dependsOn, services(old.dependsOn) == services(new.dependsOn)),
        ]
        return isSame.filter { !$0.1 }.map(\.0.rawValue)
    }
}
