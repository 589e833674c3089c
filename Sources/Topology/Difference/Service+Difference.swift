extension Service {
    /// The keys by which a process of `new` is another than one of `old`. Secrets are told by where they are read, not by their values.
    static func processReasons(_ old: Service, _ new: Service, _ oldLogs: LogRules, _ newLogs: LogRules) -> [String] {
        zip(old.processValues(defaultLogs: oldLogs), new.processValues(defaultLogs: newLogs))
            .filter { $0.1 != $1.1 }.map(\.0.0.rawValue)
    }

    /// The keys that only the supervisor goes by.
    static func inPlaceReasons(_ old: Service, _ new: Service) -> [String] {
        let services: ([Dependency]) -> Set<Dependency> = { list in
            Set(list.filter { !TopologyNames.servers.contains($0.name) })
        }
        let servers: ([Dependency]) -> Set<Dependency> = { list in
            Set(list.filter { TopologyNames.servers.contains($0.name) && $0.condition != .ready })
        }
        let isSame: [(ServiceKey, Bool)] = [
            (.schedule, old.lifetime == new.lifetime || !old.lifetime.isOfSameKind(as: new.lifetime)),
            (.instances, old.instances == new.instances),
            (.scale, old.scale == new.scale),
            (.startup, old.startup == new.startup),
            (.readiness, old.readiness == new.readiness),
            (.liveness, old.liveness == new.liveness),
            (.restart, old.restart == new.restart),
            (.stop, old.stop == new.stop),
            (.update, old.update == new.update),
            (.dependsOn, services(old.dependsOn) == services(new.dependsOn) && servers(old.dependsOn) == servers(new.dependsOn)),
        ]
        return isSame.filter { !$0.1 }.map(\.0.rawValue)
    }

    /// What a process of this service takes in at its start.
    private func processValues(defaultLogs: LogRules) -> [(ServiceKey, [String])] {
        let logs = logs ?? defaultLogs
        return [
            (.command, command),
            (.workingDirectory, optional(workingDirectory)),
            (.user, optional(user)),
            (.group, optional(group)),
            (.umask, optional(umask)),
            (.listen, listen.map(\.description)),
            (.environment, environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" } + passedEnvironment.sorted()),
            (.secrets, secrets.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }),
            (.limits, optional(limits.memory) + optional(limits.cpu) + optional(limits.openFiles) + optional(limits.processes)),
            // The first is where its events go; the others are the broker's permissions alone.
            (.publishes, Array(publishes.prefix(1))),
            // It is handed the addresses of the servers that it depends on.
            (.dependsOn, TopologyNames.servers.filter { server in dependsOn.contains { $0.name == server } }),
            (.watchdog, optional(watchdog.map(DurationText.write))),
            (
                .logs,
                [logs.destination.rawValue, "\(logs.maximumSize)", "\(logs.keep)"] + optional(logs.maximumAge.map(DurationText.write))
            ),
        ]
    }

    private func optional(_ value: (some CustomStringConvertible)?) -> [String] {
        [value.map { "=\($0)" } ?? ""]
    }
}

extension Lifetime {
    /// Whether both go on, both run once, or both have a schedule.
    package func isOfSameKind(as other: Lifetime) -> Bool {
        switch (self, other) {
        case (.continuous, .continuous), (.once, .once), (.scheduled, .scheduled): true
        default: false
        }
    }
}
