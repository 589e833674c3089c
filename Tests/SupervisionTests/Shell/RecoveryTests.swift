import Foundation
import Glibc
@testable import Supervision
import TestSupport
import Testing

/// What a new supervisor knows of what an earlier one began, with real processes.
@Suite(.timeLimit(.minutes(4)))
struct RecoveryTests {
    private func replaceSupervisor(_ signalbox: RunningSignalbox) async throws {
        let supervisor = try await signalbox.supervisorPID()
        kill(supervisor, SIGKILL)
        try await eventually("another supervisor") { [supervisor, nil].contains(try? await signalbox.supervisorPID()) == false }
    }

    private static func serve(_ rest: String) -> String {
        """
          order:
            command: SupervisionTestHost serve
            readiness: { http: /ready, period: 100ms }
            stop: { grace: 2s }
            \(rest)
        """
    }

    @Test func anEditThatNobodyAppliedChangesNothing() async throws {
        let signalbox = try RunningSignalbox(services: Self.serve("environment: { A: one }"))
        let before = try await signalbox.isReady("order")
        try await signalbox.write(topology: RunningSignalbox.topology(services: Self.serve("environment: { A: two }")))
        try await replaceSupervisor(signalbox)
        let after = try await signalbox.isReady("order")
        #expect(after.instances.map(\.pid) == before.instances.map(\.pid))
        let plan = try await signalbox.order("plan", as: ApplyPlan.self)
        #expect(plan.services.filter { $0.action != .none } == [.init(service: "order", action: .rolling, reasons: ["environment"])])
        #expect(try await signalbox.stop() == 0)
    }

    @Test func anUpdateThatDoesNotComeUpIsRolledBackAlsoByANewSupervisor() async throws {
        let rules = "update: { overlap: true, ready_within: 3s }"
        let signalbox = try RunningSignalbox(services: Self.serve(rules))
        let before = try await signalbox.isReady("order")
        // Never ready: it runs where a file named `unready` lies.
        mkdir("\(signalbox.folder)/elsewhere", 0o755)
        try StateFile.write("".utf8, to: "\(signalbox.folder)/elsewhere/unready", mode: 0o644)
        try await signalbox.write(
            topology: RunningSignalbox.topology(services: Self.serve(rules + "\n    working_directory: elsewhere")))
        _ = try await signalbox.order("apply")
        try await replaceSupervisor(signalbox)
        try await eventually(within: .seconds(30), "the roll-back") {
            // Just after its start a supervisor knows of nothing yet.
            guard (try? await signalbox.service("order"))?.reason?.isEmpty == false else { return false }
            return try await signalbox.order("plan").contains("rolled back before")
        }
        let after = try await signalbox.service("order", "as before") { $0.ready == 1 && $0.instances.count == 1 }
        #expect(after.instances.map(\.pid) == before.instances.map(\.pid))
        // The declaration before is started again when its process dies, by yet another supervisor.
        try await replaceSupervisor(signalbox)
        _ = try await signalbox.service("order", "there again") { $0.ready == 1 }
        kill(pid_t(try #require(after.instances.first?.pid)), SIGKILL)
        let again = try await signalbox.service("order", "another process") {
            $0.ready == 1 && $0.instances.first?.pid != after.instances.first?.pid
        }
        let port = try #require(again.instances.first?.port)
        #expect(try await HTTPText.get("/", port: port).contains("SIGNALBOX_INSTANCE=1"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(again.instances[0].pid ?? 0)/cwd") == signalbox.folder)
        #expect(try await signalbox.stop() == 0)
    }

    @Test func anUpgradeLeavesEverythingRunning() async throws {
        let signalbox = try RunningSignalbox(services: Self.serve("instances: 2"))
        let before = try await signalbox.service("order", "ready") { $0.ready == 2 }
        let supervisor = try await signalbox.supervisorPID()
        #expect(try await signalbox.order("upgrade relative").hasPrefix("error: relative is no absolute path"))
        #expect(try await signalbox.order("upgrade /bin/false").hasPrefix("error: /bin/false --version: it ended with status 1"))
        #expect(try await signalbox.supervisorPID() == supervisor)
        let copy = "\(signalbox.folder)/SupervisionTestHost"
        // A file that has just been written cannot be executed while a child of another test still has it open.
        if link(RunningSignalbox.host, copy) != 0 { try FileManager.default.copyItem(atPath: RunningSignalbox.host, toPath: copy) }
        let answer = try await signalbox.order("upgrade \(copy)")
        #expect(answer == "true")
        try await eventually("the new supervisor") {
            guard let new = try? await signalbox.supervisorPID(), new != supervisor else { return false }
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(new)/exe") == copy
        }
        let after = try await signalbox.service("order", "ready") { $0.ready == 2 }
        #expect(after.instances.map(\.pid) == before.instances.map(\.pid))
        #expect(try await signalbox.order("history signalbox 10", as: [TransitionRecord].self).last?.cause == "the supervisor was upgraded")
        #expect(try await signalbox.stop() == 0)
    }

    @Test func historyIsKeptOverKills() async throws {
        let signalbox = try RunningSignalbox(services: Self.serve("instances: 1"))
        let pid = try #require(try await signalbox.isReady("order").instances.first?.pid)
        kill(pid_t(pid), SIGKILL)
        try await signalbox.service("order", "another process") { $0.ready == 1 && $0.instances.first?.pid != pid }
        try await replaceSupervisor(signalbox)
        _ = try await signalbox.isReady("order")
        let history = try await signalbox.order("history order 100", as: [TransitionRecord].self)
        #expect(history.map(\.sequence) == history.map(\.sequence).sorted())
        #expect(Set(history.map(\.sequence)).count == history.count)
        #expect(history.contains { $0.evidence?.contains("signal 9 (KILL)") == true })
        #expect(history.allSatisfy { $0.service == "order" })
        #expect(try await signalbox.order("history order 1", as: [TransitionRecord].self) == history.suffix(1))
        #expect(try await signalbox.stop() == 0)
    }
}
