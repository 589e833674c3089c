import Foundation
import Glibc
@testable import Supervision
import TestSupport
import Testing

/// What a process is given and what it says, with real processes.
@Suite(.timeLimit(.minutes(4)))
struct LaunchingTests {
    @Test func aProcessHasItsUmaskWatchdogAndStatus() async throws {
        let signalbox = try RunningSignalbox(
            services: """
                  order:
                    command: [SupervisionTestHost, notify, READY=1, "STATUS=warming up"]
                    readiness: { notify: true }
                    umask: "027"
                  watched:
                    command: [SupervisionTestHost, notify, READY=1, WATCHDOG=1]
                    readiness: { notify: true }
                    watchdog: 1s
                  triggered:
                    command: [SupervisionTestHost, notify, READY=1, WATCHDOG=trigger]
                    readiness: { notify: true }
                    watchdog: 1h
                """)
        let order = try await signalbox.isReady("order")
        let pid = try #require(order.instances.first?.pid)
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        #expect(status.contains("Umask:\t0027"))
        #expect("\(order)".contains("warming up"))
        for name in ["watched", "triggered"] {
            try await signalbox.service(name, "restarted by its watchdog") { ($0.instances.first?.restarts ?? 0) > 0 }
            let history = try await signalbox.order("history \(name) 100", as: [TransitionRecord].self)
            #expect(history.contains { $0.cause.lowercased().contains("watchdog") }, "\(history.map(\.cause))")
        }
        #expect(try await signalbox.stop() == 0)
    }

    @Test func aShutdownHasOneDeadlineAndSaysWhoHoldsItUp() async throws {
        let signalbox = try RunningSignalbox(
            services: """
                  stubborn:
                    command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
                    stop: { grace: 10m }
                """)
        _ = try await signalbox.isReady("stubborn")
        let start = ContinuousClock.now
        try await signalbox.signalKeeper(SIGTERM)
        try await eventually("the reason") { try await signalbox.status().reason?.contains("stubborn") == true }
        try await eventually("the line in the log") { signalbox.supervisorLog.contains("stopping: ") }
        #expect(try await signalbox.exitStatus() == 0)
        // The test host gives it ten seconds.
        #expect(start.duration(to: .now) > .seconds(8) && start.duration(to: .now) < .seconds(20))
    }

    @Test func aOneShotIsDoneOnceEvenForANewSupervisor() async throws {
        let signalbox = try RunningSignalbox(
            services: """
                  migrate:
                    command: ["sh", "-c", "echo run >> runs"]
                    type: one-shot
                  order:
                    command: SupervisionTestHost serve
                    depends_on: { migrate: { condition: completed } }
                    readiness: { http: /ready }
                """)
        _ = try await signalbox.isReady("order")
        #expect(try await signalbox.service("migrate").state == .completed)
        let supervisor = try await signalbox.supervisorPID()
        kill(supervisor, SIGKILL)
        try await eventually("another supervisor") { [supervisor, nil].contains(try? await signalbox.supervisorPID()) == false }
        _ = try await signalbox.isReady("order")
        try await signalbox.service("migrate", "completed still") { $0.state == .completed }
        #expect(try String(contentsOfFile: "\(signalbox.folder)/runs", encoding: .utf8) == "run\n")
        _ = try await signalbox.order("start migrate")
        try await eventually("another run") {
            try String(contentsOfFile: "\(signalbox.folder)/runs", encoding: .utf8) == "run\nrun\n"
        }
        #expect(try await signalbox.stop() == 0)
    }

    @Test func aServiceFollowsItsProcessorTime() async throws {
        let signalbox = try RunningSignalbox(
            services: """
                  busy:
                    command: ["sh", "-c", "while :; do :; done"]
                    stop: { grace: 1s }
                    scale: { min: 1, max: 2, cpu: 0.05, up_after: 0s, cool_down: 1s }
                """)
        try await signalbox.service("busy", within: .seconds(60), "two instances") { $0.instances.count == 2 }
        #expect(try await signalbox.stop() == 0)
    }
}
