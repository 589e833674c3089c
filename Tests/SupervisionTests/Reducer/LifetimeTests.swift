import Supervision
import Testing
import Topology

/// One-shots and scheduled services.
@Suite struct LifetimeTests {
    private func schedule(_ overlap: Schedule.Overlap = .skip, startDeadline: Duration = .seconds(60)) -> Lifetime {
        .scheduled(
            Schedule(
                cron: CronExpression(
                    text: "* * * * *", minutes: Set(0..<60), hours: Set(0..<24), daysOfMonth: Set(1...31), months: Set(1...12),
                    daysOfWeek: Set(0...6), isAnyDayOfMonth: true, isAnyDayOfWeek: true), overlap: overlap, startDeadline: startDeadline))
    }

    private func job(_ overlap: Schedule.Overlap = .skip) -> SupervisedService {
        .service("job", readiness: nil, restart: RestartRules(policy: .onFailure), lifetime: schedule(overlap))
    }

    private let migration = SupervisedService.service(
        "migrate", readiness: nil, restart: RestartRules(policy: .onFailure), fingerprint: "1", lifetime: .once)

    @Test func aOneShotIsDoneOnce() {
        var machine = Machine(migration, .service("order", needs: [Dependency(name: "migrate", condition: .completed)]))
        machine.spawned("migrate", fingerprint: "1")
        #expect(machine.label("order") == "waiting")
        machine.exits("migrate", 1, .a, .exited(0))
        #expect(machine.label("migrate") == "completed")
        #expect(machine.spawns == ["order/1"])
        #expect(machine.memory?.completed == ["migrate/1": "1"])
        machine.send(.startRequested("migrate", actor: "anna"))
        #expect(machine.spawns == ["migrate/1"])
    }

    @Test func aOneShotThatWasDoneIsNotRunByAnotherSupervisorUnlessItsDeclarationHasChanged() {
        let memory = Remembered(completed: ["migrate/1": "1"])
        #expect(Machine(migration, remembered: memory).spawns.isEmpty)
        var changed = migration
        changed.fingerprint = "2"
        #expect(Machine(changed, remembered: memory).starts == ["migrate/1 2"])
        var machine = Machine(migration, remembered: memory)
        machine.send(.topologyApplied([changed], actor: "anna"))
        #expect(machine.starts == ["migrate/1 2"])
    }

    @Test func aRunningOneShotIsFinishedAsItWasBegun() {
        var machine = Machine(migration)
        machine.spawned("migrate", fingerprint: "1")
        var changed = migration
        changed.fingerprint = "2"
        machine.send(.topologyApplied([changed], actor: "anna"))
        #expect(machine.signals.isEmpty)
        machine.exits("migrate", 1, .a, .exited(0))
        #expect(machine.starts == ["migrate/1 2"])
    }

    @Test func aScheduledServiceRunsAtItsTimes() {
        var machine = Machine(job())
        #expect(machine.label("job") == "scheduled")
        #expect(machine.state.status(of: machine.state.services[0]).state == .scheduled)
        #expect(machine.state.overallState == .ready)
        for _ in 0..<3 {
            machine.pass(.seconds(60))
            #expect(machine.spawns == ["job/1"])
            machine.spawned("job")
            machine.exits("job", 1, .a, .exited(0))
            #expect(machine.label("job") == "scheduled")
        }
        #expect(machine.memory?.lastRuns["job"] == nil)
        #expect(machine.state.service(named: "job")?.runs.last == Machine.timeOfDay + 180)
    }

    @Test(arguments: Schedule.Overlap.allCases)
    func whatHappensWhenTheLastRunIsNotOver(overlap: Schedule.Overlap) {
        var machine = Machine(job(overlap))
        machine.pass(.seconds(60))
        machine.spawned("job")
        machine.pass(.seconds(60))
        #expect(machine.spawns.isEmpty)
        #expect(machine.signals == (overlap == .replace ? ["job/1 15"] : []))
        #expect(machine.transitions.contains { $0.to == "left out" } == (overlap == .skip))
        machine.exits("job", 1, .a, .exited(0))
        #expect(machine.spawns == (overlap == .skip ? [] : ["job/1"]))
    }

    @Test func aRunThatFailsIsTriedAgainAndDoesNotKeepTheNextOneFromBeginning() {
        var job = job()
        job.restart.limitRestarts = 0
        var machine = Machine(job)
        machine.pass(.seconds(60))
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(1))
        #expect(machine.label("job") == "failed")
        machine.pass(.seconds(60))
        #expect(machine.spawns == ["job/1"])
    }

    @Test func aRunByHandAndAStop() {
        var machine = Machine(job())
        machine.send(.runRequested("job", actor: "anna"))
        #expect(machine.spawns == ["job/1"])
        machine.send(.runRequested("job", actor: "anna"))
        #expect(machine.spawns.isEmpty)
        machine.spawned("job")
        machine.send(.stopRequested("job", actor: "anna"))
        machine.exits("job", 1, .a, .exited(0))
        machine.pass(.seconds(300))
        #expect(machine.spawns.isEmpty)
    }

    @Test(arguments: [(20.0, true), (90.0, false)])
    func aRunMissedWhileNobodyWasThereIsMadeUpForWithinItsDeadline(late: Double, runs: Bool) {
        let minute = (Machine.timeOfDay / 60).rounded(.down) * 60
        var hourly = job()
        hourly.lifetime = .scheduled(
            Schedule(
                cron: CronExpression(
                    text: "0 * * * *", minutes: [0], hours: Set(0..<24), daysOfMonth: Set(1...31), months: Set(1...12),
                    daysOfWeek: Set(0...6), isAnyDayOfMonth: true, isAnyDayOfWeek: true), startDeadline: .seconds(60)))
        let hour = (minute / 3600).rounded(.down) * 3600
        let machine = Machine(hourly, remembered: Remembered(lastRuns: ["job": hour - 3600]), timeOfDay: hour + late)
        #expect(machine.spawns == (runs ? ["job/1"] : []))
    }
}
