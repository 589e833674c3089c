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

    private func hourly(_ overlap: Schedule.Overlap = .skip) -> SupervisedService {
        var job = job()
        job.lifetime = .scheduled(
            Schedule(
                cron: CronExpression(
                    text: "0 * * * *", minutes: [0], hours: Set(0..<24), daysOfMonth: Set(1...31), months: Set(1...12),
                    daysOfWeek: Set(0...6), isAnyDayOfMonth: true, isAnyDayOfWeek: true), overlap: overlap, startDeadline: .seconds(60)))
        return job
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
        let hour = (Machine.timeOfDay / 3600).rounded(.down) * 3600
        let machine = Machine(hourly(), remembered: Remembered(lastRuns: ["job": hour - 3600]), timeOfDay: hour + late)
        #expect(machine.spawns == (runs ? ["job/1"] : []))
    }
}

/// What becomes of runs when the clock is set, the supervisor dies, or none is desired.
extension LifetimeTests {
    @Test func aClockThatIsPutBackByADayDoesNotStopASchedule() {
        var machine = Machine(hourly())
        machine.pass(.seconds(3_600))
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(0))
        let back = Machine.timeOfDay - 86_400
        machine.send(.clockRead(secondsSince1970: back))
        machine.pass(.seconds(3_600))
        #expect(machine.spawns == ["job/1"])
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(0))
        #expect(machine.memory == nil || machine.memory?.lastRuns["job"] ?? 0 < Machine.timeOfDay)
        // Forward again: the one that was passed over is told of, and the next one comes.
        machine.send(.clockRead(secondsSince1970: Machine.timeOfDay + 86_400 + 600))
        #expect(machine.transitions.contains { $0.to == "left out" })
        machine.pass(.seconds(3_000))
        #expect(machine.spawns == ["job/1"])
    }

    @Test func aSmallStepBackRunsNothingTwice() {
        var machine = Machine(hourly())
        machine.pass(.seconds(3_600))
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(0))
        machine.send(.clockRead(secondsSince1970: Machine.timeOfDay + 3_590))
        #expect(machine.pass(.seconds(60)).isEmpty)
    }

    @Test func whatAPersonHasStoppedHasMissedNothing() {
        var machine = Machine(hourly())
        machine.send(.stopRequested("job", actor: "anna"))
        machine.pass(.seconds(3_610))
        machine.send(.startRequested("job", actor: "anna"))
        #expect(machine.spawns == ["job/1"])
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(0))
        #expect(machine.pass(.seconds(600)).isEmpty)
        #expect(machine.state.service(named: "job")?.runs.next == Machine.timeOfDay + 7_200)
    }

    @Test func oneRunWaitsAndTheNextIsSaidToBeLeftOut() {
        var machine = Machine(hourly(.wait))
        machine.pass(.seconds(3_600))
        machine.spawned("job")
        machine.pass(.seconds(3_600))
        #expect(machine.transitions.isEmpty)
        machine.pass(.seconds(3_600))
        #expect(machine.transitions.map(\.to) == ["left out"])
        machine.exits("job", 1, .a, .exited(0))
        #expect(machine.spawns == ["job/1"])
    }

    @Test func aRunThatWaitsIsNotForgotten() throws {
        var machine = Machine(hourly(.wait))
        machine.pass(.seconds(3_600))
        machine.spawned("job")
        machine.pass(.seconds(3_600))
        let memory = try #require(machine.memory)
        #expect(memory.runsWaiting == ["job": Machine.timeOfDay + 7_200])
        let running = SpawnedProcess(pid: 101, startedAt: Machine.timeOfDay + 3_600)
        let found = FoundProcess(id: InstanceID("job", 1), condition: .running(running, isReady: false))
        var next = Machine(hourly(.wait), remembered: memory, found: [found], timeOfDay: Machine.timeOfDay + 8_000)
        #expect(next.spawns.isEmpty)
        next.exits("job", 1, .a, .exited(0))
        #expect(next.spawns == ["job/1"])
    }

    @Test func aRunThatWasToBeginBeginsWithTheNextSupervisor() throws {
        let job = hourly()
        var needy = job
        needy.dependencies = [Dependency(name: "base")]
        var machine = Machine(needy, .service("base"))
        machine.pass(.seconds(3_600))
        #expect(machine.label("job") == "waiting")
        let memory = try #require(machine.memory)
        #expect(memory.runsDue == ["job": Machine.timeOfDay + 3_600])
        #expect(Machine(job, remembered: memory, timeOfDay: Machine.timeOfDay + 5_000).spawns == ["job/1"])
        // It has begun in the meantime.
        let ended = FoundProcess(id: InstanceID("job", 1), condition: .ended(Termination(.exited(0))))
        #expect(Machine(job, remembered: memory, found: [ended], timeOfDay: Machine.timeOfDay + 5_000).spawns.isEmpty)
    }

    @Test func whatIsNotDesiredIsRunByOneInstanceForAPerson() throws {
        var migration = migration
        migration.instances = 0
        var scheduled = job()
        scheduled.instances = 0
        var machine = Machine(migration, scheduled)
        #expect(machine.spawns.isEmpty)
        machine.send(.runRequested("migrate", actor: "anna"))
        #expect(machine.spawns == ["migrate/1"])
        #expect(machine.state.status(of: machine.state.services[0]).state == .degraded)
        let memory = try #require(machine.memory)
        #expect(memory.runsByHand == ["migrate"])
        machine.spawned("migrate", fingerprint: "1")
        // Another supervisor does not end it.
        let running = SpawnedProcess(pid: 101, startedAt: Machine.timeOfDay, fingerprint: "1")
        let found = FoundProcess(id: InstanceID("migrate", 1), condition: .running(running, isReady: false))
        #expect(Machine(migration, remembered: memory, found: [found]).signals.isEmpty)
        machine.exits("migrate", 1, .a, .exited(0))
        #expect(machine.label("migrate") == "completed")
        var changed = migration
        changed.fingerprint = "2"
        machine.send(.topologyApplied([changed, scheduled], actor: "anna"))
        #expect(machine.spawns.isEmpty)

        machine.send(.startRequested("job", actor: "anna"))
        #expect(machine.spawns == ["job/1"])
        machine.spawned("job")
        machine.exits("job", 1, .a, .exited(0))
        #expect(machine.transitions.contains { $0.to == "scheduled" && $0.instance == 1 })
        #expect(machine.labels("job").isEmpty)
        #expect(machine.pass(.seconds(300)).isEmpty)
    }

    @Test func anotherKindOfServiceBeginsAnew() {
        func kind(_ lifetime: Lifetime) -> SupervisedService {
            .service("job", readiness: nil, restart: RestartRules(policy: .onFailure), fingerprint: "1", lifetime: lifetime)
        }
        let kinds: [Lifetime] = [.continuous, .once, schedule()]
        for from in kinds {
            for to in kinds where !from.isOfSameKind(as: to) {
                for isDone in [false, true] {
                    var machine = Machine(kind(from))
                    if from.isOfSameKind(as: schedule()) { machine.pass(.seconds(60)) }
                    machine.spawned("job", fingerprint: "1")
                    if isDone { machine.exits("job", 1, .a, .exited(0)) }
                    machine.send(.topologyApplied([kind(to)], actor: "anna"))
                    var effects = machine.effects
                    if !isDone {
                        #expect(machine.signals == ["job/1 15"])
                        effects = machine.exits("job", 1, .a, .exited(0))
                    }
                    if to.isOfSameKind(as: schedule()) {
                        #expect(machine.label("job") == "scheduled")
                        effects = machine.pass(.seconds(60))
                    }
                    #expect(effects.contains(.spawn(InstanceID("job", 1), fingerprint: "1")), "\(from) to \(to), done \(isDone)")
                }
            }
        }
    }
}
