import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// Work that has an end, what waits for it, and what runs at its times.
    @Suite struct OneShotTests {
        @Test func whatDependsOnItsCompletionWaitsForItOnce() async throws {
            let services = """
                  migrate:
                    command: FaultTestHost exit 0 300
                    type: one-shot
                  web:
                    command: FaultTestHost serve
                    depends_on: { migrate: completed }
                    readiness: { http: /ready, period: 100ms }
                """
            try await RunningTopology.run(services) { topology in
                let events = try topology.events()
                let completed = events.first { $0["service"].string == "migrate" && $0["to"].string == "completed" }?["sequence"].int
                let started = events.first { $0["service"].string == "web" && $0["to"].string == "starting" }?["sequence"].int
                #expect(try #require(completed) < (try #require(started)))
                #expect(try await topology.service("migrate")["state"].string == "completed")

                // Neither a new supervisor nor a restart of its dependent runs it again.
                try await topology.killSupervisor()
                try await topology.ready()
                #expect(topology.starts("migrate.1").count == 1)
                #expect(topology.starts("web.1").count == 1)
                #expect(try await topology.signalbox("start", "migrate").status == 0)
                try await eventually("a second run by hand") {
                    try await topology.service("migrate")["state"].string == "completed" && topology.starts("migrate.1").count == 2
                }
            }
        }

        @Test func oneThatFailsHoldsUpItsDependentsAndSaysSo() async throws {
            let services = """
                  migrate:
                    command: FaultTestHost exit 7
                    type: one-shot
                    restart: { policy: on-failure, backoff: { initial: 1ms, max: 5ms }, limit: { restarts: 3, within: 60s } }
                  web:
                    command: FaultTestHost serve
                    depends_on: { migrate: completed }
                """
            try await RunningTopology.run(services, untilReady: false) { topology in
                try await eventually("the failure") {
                    (try? await topology.service("migrate"))?["state"].string == "failed"
                }
                let migrate = try await topology.service("migrate")
                #expect("\(migrate)".contains("status 7"), "\(migrate)")
                let web = try await topology.service("web")
                #expect(web["state"].string == "waiting" && web["reason"].string?.contains("migrate") == true, "\(web)")
                #expect(topology.starts("web.1").isEmpty)
                #expect(topology.starts("migrate.1").count == 4)

                // A person mends it: then everything comes up.
                try topology.edit { $0.replacing("exit 7", with: "exit 0") }
                _ = try await topology.signalbox("apply")
                try await topology.ready()
                #expect(topology.starts("web.1").count == 1)
            }
        }

        @Test func aScheduledServiceRunsWhenItIsAsked() async throws {
            let services = """
                  nightly:
                    command: FaultTestHost exit 0 50
                    schedule: { cron: "0 3 * * *", time_zone: Europe/Berlin }
                """
            try await RunningTopology.run(services) { topology in
                let nightly = try await topology.service("nightly")
                #expect(nightly["state"].string == "scheduled", "\(nightly)")
                #expect(topology.starts("nightly.1").isEmpty)
                for run in 1...3 {
                    #expect(try await topology.signalbox("start", "nightly").status == 0)
                    try await eventually("run \(run)") {
                        try await topology.service("nightly")["state"].string == "scheduled" && topology.starts("nightly.1").count == run
                    }
                }
            }
        }
    }
}
