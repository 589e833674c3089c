import Glibc
import Keeper
import TestSupport
import Testing

/// The keeper and the lives of its supervisor.
@Suite(.timeLimit(.minutes(2)))
struct SupervisorTests {
    @Test func aKilledSupervisorComesBackToTheSameProcesses() async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let port = try await client.openSocket(name: "http", address: .tcp(host: "127.0.0.1", port: 0))
        let stays = try await client.spawn(
            host("stays", ["notify", "READY=1"], in: keeper) {
                $0.notify = true
                $0.metadata = ["port": "4711"]
            })
        _ = await next(client.events) { if case .notified = $0 { true } else { nil } }
        let file = keeper.folder + "/go"
        _ = try await client.spawn(shell("ends", "while [ ! -e '\(file)' ]; do sleep 0.01; done; exit 9", in: keeper))

        kill(first.pid, SIGKILL)
        for await event in client.events where event == .disconnected { break }
        #expect(await errorCode { () async throws(KeeperError) in _ = try await client.list() } == .disconnected)
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        let second = try await keeper.supervisor()
        #expect(second.pid != first.pid)
        let again = try second.client()
        var records = try await again.list()
        #expect(records.map(\.specification.id) == ["stays", "ends"])
        #expect(records[0].pid == stays.pid && records[0].startTime == stays.startTime && records[0].isReadyNotified)
        #expect(records[0].specification.metadata == ["port": "4711"])
        #expect(isAlive(stays.pid))
        #expect(try await again.openSocket(name: "http", address: .tcp(host: "127.0.0.1", port: 0)) == port)
        // Its end was seen by nobody, or comes as an event: either way it is told, with its status.
        if records[1].status == nil {
            #expect(await exitStatus(of: "ends", again.events) == .exited(9))
            records = try await again.list()
        }
        #expect(records[1].status == .exited(9))
        try await keeper.stop(second)
    }

    @Test func anExitThatNobodySawIsInTheList() async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let record = try await client.spawn(shell("ends", "exec sleep 300", in: keeper))
        kill(first.pid, SIGKILL)
        kill(record.pid, SIGUSR1)
        let second = try await keeper.supervisor()
        let again = try second.client()
        let records = try await again.list()
        #expect(records.map(\.status) == [.signalled(SIGUSR1, coreDumped: false)])
        try await keeper.stop(second)
    }

    @Test func stopIsAskedOfTheSupervisorFirst() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(shell("service", "exec sleep 300", in: keeper))
        keeper.signal(SIGTERM)
        #expect(await next(client.events) { $0 == .stopRequested ? true : nil } == true)
        // It still does what it is told.
        try await client.signal(id: "service", SIGTERM)
        #expect(await exitStatus(of: "service", client.events) == .signalled(SIGTERM, coreDumped: false))
        supervisor.exit(status: 0)
        #expect(try await keeper.exit() == .exited(0))
        #expect(keeper.standardError == "supervisor \(supervisor.pid) began\n")
        keeper.remove()
    }

    @Test func aSupervisorThatReplacesAnotherIsToldToStopAsWell() async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        keeper.signal(SIGTERM)
        #expect(await next(client.events) { $0 == .stopRequested ? true : nil } == true)
        kill(first.pid, SIGKILL)
        let second = try await keeper.supervisor()
        let again = try second.client()
        #expect(await next(again.events) { $0 == .stopRequested ? true : nil } == true)
        try await keeper.stop(second)
    }

    @Test func shutdownIsLikeTerm() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        try await client.shutdown()
        #expect(await next(client.events) { $0 == .stopRequested ? true : nil } == true)
        try await keeper.stop(supervisor)
    }

    @Test(arguments: [true, false]) func aSupervisorThatDoesNotFinishIsKilledWithEverything(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups, stopTimeout: 200)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        _ = try await client.spawn(
            shell("service", ContainmentTests.unruly + "while :; do sleep 100; done", in: keeper) { $0.environment["pids"] = file })
        try await eventually("the children") { pids(in: file).count == ContainmentTests.unrulyCount }
        keeper.signal(SIGTERM)
        #expect(try await keeper.exit() == .exited(1))
        #expect(survivors(in: file) == [])
        #expect(!isAlive(supervisor.pid))
        keeper.remove()
    }

    @Test func aSupervisorThatExitsWithZeroLeavesNothing() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let record = try await client.spawn(shell("left", "exec sleep 300", in: keeper))
        supervisor.exit(status: 0)
        #expect(try await keeper.exit() == .exited(0))
        #expect(!isAlive(record.pid))
        #expect(keeper.standardError.contains("left left; they are killed"))
        keeper.remove()
    }

    @Test func aConfigurationErrorEndsTheKeeper() async throws {
        let (keeper, supervisor, _) = try await RunningKeeper.started()
        supervisor.exit(status: 78)
        #expect(try await keeper.exit() == .exited(78))
        keeper.remove()
    }

    @Test func aConfigurationErrorIsNoReasonToEndWhatRuns() async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let stays = try await client.spawn(shell("stays", "exec sleep 300", in: keeper))
        first.exit(status: 78)
        let second = try await keeper.supervisor()
        #expect(isAlive(stays.pid))
        let again = try second.client()
        #expect(try await again.list().map(\.pid) == [stays.pid])
        #expect(keeper.standardError.contains("what runs goes on"))
        // With nothing left it is final.
        try await again.kill(id: "stays")
        _ = await exitStatus(of: "stays", again.events)
        second.exit(status: 78)
        #expect(try await keeper.exit() == .exited(78))
        keeper.remove()
    }

    @Test func aSecondKeeperNamesTheFirst() async throws {
        let (keeper, supervisor, _) = try await RunningKeeper.started()
        let second = try RunningKeeper(folder: keeper.folder)
        try second.start()
        #expect(try await second.exit() == .exited(1))
        #expect(keeper.standardError.contains("keeper pid \(keeper.pid)"))
        #expect(isAlive(supervisor.pid))
        try await keeper.stop(supervisor)
    }

    @Test func aSupervisorThatIsNotThereIsAnError() async throws {
        let keeper = try RunningKeeper()
        try keeper.start(supervisorCommand: ["/nowhere/signalbox"])
        #expect(try await keeper.exit() == .exited(1))
        #expect(keeper.standardError.contains("there is no /nowhere/signalbox"))
        keeper.remove()
    }

    @Test func whatItDoesNotUnderstandDoesNotEndTheKeeper() async throws {
        let keeper = try RunningKeeper()
        try keeper.start()
        let supervisor = try await keeper.supervisor()
        let frames =
            "garbage\n{}\n[1,2\n\u{0}\n{\"number\":5,\"command\":{\"fly\":{}}}\n{\"number\":6,\"command\":{\"signal\":{\"id\":\"x\"}}}\n"
        _ = send(supervisor.control, frames, frames.utf8.count, 0)
        let client = try supervisor.client()
        #expect(try await client.list().isEmpty)
        #expect(supervisor.pid > 0 && isAlive(keeper.pid))
        try await keeper.stop(supervisor)
    }
}
