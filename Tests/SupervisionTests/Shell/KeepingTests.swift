import Foundation
import Glibc
@testable import Keeper
import Logging
@testable import Supervision
import Synchronization
import TestSupport
import Testing

/// A supervisor and a keeper that does not answer, or a disk that does not take what is to be kept.
@Suite(.timeLimit(.minutes(2)))
struct KeepingTests {
    private static let services = "services: { order: { command: sleep 300 } }\n"

    private func supervisor(in folder: String, _ keeper: FakeKeeper, services: String = Self.services) throws -> Supervisor {
        try StateFile.write("name: demo\n\(services)".utf8, to: "\(folder)/topology.yaml", mode: 0o600)
        return Supervisor(
            configuration: SupervisorConfiguration(
                topologyFile: "\(folder)/topology.yaml", stateDirectory: "\(folder)/state", executable: "/usr/bin/signalbox",
                environment: ["PATH": "/usr/bin:/bin"]),
            keeper: keeper.client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Answers everything; what is started is in `started`.
    private func willing(_ started: Started) -> FakeKeeper.Handler {
        { command in
            switch command {
            case .list: .records(started.records)
            case .spawn(let specification): .record(started.start(specification))
            case .containment: .text("none")
            case .losses: .counts([:])
            default: .done
            }
        }
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)

        var isSet: Bool {
            get { state.withLock(\.self) }
            set { state.withLock { $0 = newValue } }
        }
    }

    private final class Started: Sendable {
        let isDeaf = Flag()
        private let state = Mutex<[ProcessRecord]>([])

        var records: [ProcessRecord] { state.withLock(\.self) }

        func start(_ specification: ProcessSpecification) -> ProcessRecord {
            state.withLock { records in
                records.append(FakeKeeper.record(specification, pid: Int32(4000 + records.count)))
                return records[records.count - 1]
            }
        }
    }

    @Test func aStartThatTheKeeperCarriesOutLateIsNotForgotten() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let started = Started()
        let answer = willing(started)
        let keeper = try FakeKeeper(requestTimeout: .milliseconds(300)) { command in
            if case .spawn = command { started.isDeaf.isSet = true }
            return started.isDeaf.isSet ? nil : answer(command)
        }
        let supervisor = try supervisor(in: folder, keeper)
        let running = Task { try await supervisor.run() }
        try await eventually("a start") { keeper.commands.contains("spawn order/1") }
        // Stopped while nobody knows what has become of the start.
        let stopping = Task { try await supervisor.stop("order", actor: "test") }
        let lists = keeper.commands.count { $0 == "list" }
        try await eventually("questions") { keeper.commands.count { $0 == "list" } > lists + 1 }
        #expect(await supervisor.status().services.first?.instances.map(\.state) == ["starting"])
        #expect(!keeper.commands.contains { $0.hasPrefix("signal") })
        _ = started.start(
            ProcessSpecification(id: "order/1", executable: "/bin/sleep", arguments: ["sleep"], environment: [:], logFile: "/dev/null"))
        started.isDeaf.isSet = false
        try await eventually("its being stopped") { keeper.commands.contains("signal order/1 15") }
        #expect(keeper.commands.count { $0 == "spawn order/1" } == 1)
        keeper.close()
        _ = try? await stopping.value
        await #expect(throws: SupervisorError.self) { try await running.value }
    }

    @Test func whatIsDoneToAProcessIsDoneInOrder() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let keeper = try FakeKeeper(willing(Started()))
        let supervisor = try supervisor(in: folder, keeper)
        let running = Task { try await supervisor.run() }
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let (done, saying) = AsyncStream<Int>.makeStream()
        let (one, other) = (InstanceID("x", 1), InstanceID("x", 2))
        await supervisor.enqueue(for: one) {
            for await _ in gate {}
            saying.yield(1)
        }
        await supervisor.enqueue(for: one) { saying.yield(2) }
        await supervisor.enqueue(for: one) { saying.yield(3) }
        await supervisor.enqueue(for: other) { saying.yield(0) }
        var order: [Int] = []
        for await number in done {
            order.append(number)
            if number == 0 { opening.finish() }
            if order.count == 4 { break }
        }
        #expect(order == [0, 1, 2, 3])
        keeper.close()
        _ = try? await running.value
    }

    @Test func aStopIsAnsweredOnceItIsKept() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let started = Started()
        let keeper = try FakeKeeper(willing(started))
        let supervisor = try supervisor(in: folder, keeper, services: "services: { order: { command: sleep 300, instances: 0 } }\n")
        let running = Task { try await supervisor.run() }
        try await eventually("the supervisor") { await supervisor.isKnown }
        await supervisor.stateWriter.flush()
        let gate = DispatchSemaphore(value: 0)
        await supervisor.stateWriter.add { gate.wait() }
        let isAnswered = Flag()
        let stopping = Task { () async throws -> Void in
            _ = try await supervisor.stop("order", actor: "test")
            let kept = try? StateFile.readJSON(KeptMemory.self, from: "\(folder)/state/remembered.json")
            #expect(kept?.remembered.held == ["order"])
            isAnswered.isSet = true
        }
        try await eventually("the wish") { await supervisor.reducer.service(named: "order")?.isHeld == true }
        #expect(!isAnswered.isSet)
        gate.signal()
        try await stopping.value
        keeper.close()
        _ = try? await running.value
    }

    @Test func whatCannotBeKeptIsSaidToBeSo() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let keeper = try FakeKeeper(willing(Started()))
        let supervisor = try supervisor(in: folder, keeper, services: "services: { order: { command: sleep 300, instances: 0 } }\n")
        let running = Task { try await supervisor.run() }
        try await eventually("the supervisor") { await supervisor.isKnown }
        await supervisor.stateWriter.flush()
        // As a full disk would: nothing can be written there.
        mkdir("\(folder)/state/remembered.json.new", 0o700)
        let stopped = try await supervisor.stop("order", actor: "test")
        #expect(stopped.reason?.contains("this is not kept yet") == true)
        #expect(await supervisor.status().reason?.contains("cannot be kept") == true)
        rmdir("\(folder)/state/remembered.json.new")
        try await eventually("another attempt") {
            try StateFile.readJSON(KeptMemory.self, from: "\(folder)/state/remembered.json")?.remembered.held == ["order"]
        }
        try await eventually("no complaint") { await supervisor.status().reason?.contains("cannot be kept") != true }
        keeper.close()
        _ = try? await running.value
    }

    @Test func anApplyThatCannotBeKeptIsRefused() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let keeper = try FakeKeeper(willing(Started()))
        let supervisor = try supervisor(in: folder, keeper)
        let running = Task { try await supervisor.run() }
        try await eventually("the start") { keeper.commands.contains("spawn order/1") }
        await supervisor.stateWriter.flush()
        let applied = try StateFile.read("\(folder)/state/applied.yaml")
        mkdir("\(folder)/state/applied.yaml.new", 0o700)
        try StateFile.write(
            "name: demo\nservices: { order: { command: sleep 301 } }\n".utf8, to: "\(folder)/topology.yaml", mode: 0o600)
        let error = await #expect(throws: SupervisorError.self) { try await supervisor.apply(actor: "test") }
        #expect(error?.message.contains("nothing was applied") == true)
        rmdir("\(folder)/state/applied.yaml.new")
        // What was refused is not kept later either.
        try await eventually("the clock's beat") { await supervisor.now > .seconds(3) }
        #expect(try StateFile.read("\(folder)/state/applied.yaml") == applied)
        #expect(try await supervisor.plan().services.map(\.action) == [.rolling])
        _ = try await supervisor.apply(actor: "test")
        #expect(try StateFile.read("\(folder)/state/applied.yaml") != applied)
        keeper.close()
        _ = try? await running.value
    }

    @Test func workThatBlocksIsNotWaitedForForEver() async {
        let gate = DispatchSemaphore(value: 0)
        let begin = ContinuousClock.now
        let nothing: Int? = await BlockingCall.run(within: .milliseconds(100)) {
            gate.wait()
            return 1
        }
        #expect(nothing == nil)
        #expect(begin.duration(to: .now) < .seconds(20))
        gate.signal()
        #expect(await BlockingCall.run(within: .seconds(60)) { 2 } == 2)
    }
}
