import Supervision
import Testing
import Topology

/// In which order an apply ends and starts what it changes.
@Suite struct ApplyOrderTests {
    private func web(_ fingerprint: String, foundation: String = "") -> SupervisedService {
        .service(
            "web", needs: [Dependency(name: "migrate", condition: .completed)], fingerprint: fingerprint, foundation: foundation)
    }

    private func migration(_ fingerprint: String) -> SupervisedService {
        .service("migrate", readiness: nil, restart: RestartRules(policy: .onFailure), fingerprint: fingerprint, lifetime: .once)
    }

    @Test func whatNeedsAMigrationWaitsForItsChangedOne() {
        // The dependent stands above what it needs.
        var machine = Machine(web("1"), migration("1"))
        machine.spawned("migrate", fingerprint: "1")
        machine.exits("migrate", 1, .a, .exited(0))
        machine.comesUp("web", fingerprint: "1")
        machine.send(.topologyApplied([web("2"), migration("2")], actor: "anna"))
        #expect(machine.starts == ["migrate/1 2"])
        #expect(machine.signals.isEmpty)
        #expect(machine.state.status(of: machine.state.services[0]).reason == "its update waits for migrate")
        machine.spawned("migrate", fingerprint: "2")
        machine.exits("migrate", 1, .a, .exited(0))
        #expect(machine.signals == ["web/1 15"])
        machine.exits("web", 1, .a, .exited(0))
        #expect(machine.starts == ["web/1 2"])
    }

    @Test func aMigrationThatEndedUnseenIsDoneByItsOwnDeclaration() {
        let ended = FoundProcess(id: InstanceID("migrate", 1), condition: .ended(Termination(.exited(0)), fingerprint: "1"))
        #expect(Machine(web("2"), migration("2"), found: [ended]).starts == ["migrate/1 2"])
        #expect(Machine(web("2"), migration("1"), found: [ended]).starts == ["web/1 2"])
    }

    @Test func whatIsRemovedEndsAfterWhatUsedIt() {
        var machine = Machine(.service("base"), .service("order", needs: [Dependency(name: "base")]), .service("other"))
        machine.comesUp("base")
        machine.comesUp("order")
        machine.comesUp("other")
        machine.send(.topologyApplied([.service("other")], actor: "anna"))
        #expect(machine.signals == ["order/1 15"])
        #expect(
            machine.state.service(named: "base").map { machine.state.status(of: $0).reason }
                == "it is not declared any more; it ends after order")
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.signals == ["base/1 15"])
        machine.exits("base", 1, .a, .exited(0))
        #expect(machine.state.services.map(\.name) == ["other"])
    }

    @Test func aChangedServerEndsAfterItsUsersAndTheyStartWithTheNewOne() {
        func order(_ foundation: String) -> SupervisedService {
            .service("order", needs: [Dependency(name: "cache")], fingerprint: foundation, foundation: foundation)
        }
        var machine = Machine(.server("cache", fingerprint: "1"), order("1"))
        machine.comesUp("cache", fingerprint: "1")
        machine.send(.provisioned("cache", generation: 1))
        machine.comesUp("order", fingerprint: "1")
        machine.send(.topologyApplied([.server("cache", fingerprint: "2"), order("2")], actor: "anna"))
        #expect(machine.signals == ["order/1 15"])
        #expect(machine.provisions.isEmpty)
        machine.exits("order", 1, .a, .exited(0))
        #expect(machine.signals == ["cache/1 15"])
        #expect(machine.spawns.isEmpty)
        machine.exits("cache", 1, .a, .exited(0))
        #expect(machine.starts == ["cache/1 2"])
        machine.comesUp("cache", fingerprint: "2")
        #expect(machine.provisions == ["cache"])
    }

    @Test func whoHasStoppedUsingItNeedNotBeWaitedFor() {
        var machine = Machine(.service("base"), .service("order", needs: [Dependency(name: "base")]))
        machine.comesUp("base")
        machine.comesUp("order")
        machine.send(.topologyApplied([.service("order")], actor: "anna"))
        #expect(machine.signals == ["base/1 15"])
    }
}
