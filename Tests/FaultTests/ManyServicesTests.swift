import Foundation
import Testing
import TestSupport

extension Faults {
    /// As many services as a host ever has.
    @Suite struct ManyServicesTests {
        private static let count = 500
        private static let patience = Duration.seconds(60)

        @Test func fiveHundredComeUpScaleAndGo() async throws {
            let services = (1...Self.count).map { number in
                "  service-\(number): { command: FaultTestHost wait, scale: { min: 0, max: 30 } }"
            }.joined(separator: "\n")
            let begin = ContinuousClock.now
            var wasUp = begin
            var isDown = begin
            try await RunningTopology.run(services) { topology in
                FaultScale.note("500 services up after \(begin.duration(to: .now))")
                try await eventually("500 starts") { (1...Self.count).allSatisfy { topology.starts("service-\($0).1").count == 1 } }

                let status = ContinuousClock.now
                #expect(try await topology.signalbox("status").status == 0)
                FaultScale.note("signalbox status of 500: \(status.duration(to: .now))")

                let scale = ContinuousClock.now
                #expect(try await topology.signalbox("scale", "service-7=20", "service-9=0").status == 0)
                try await topology.waitUntilReady("service-7", instances: 20)
                FaultScale.note("scaled to 20 beside 500: \(scale.duration(to: .now))")
                #expect(try await topology.processIDs().count == Self.count + 18)
                #expect(try await topology.signalbox("scale", "service-7=1").status == 0)
                #expect(try await topology.processIDs().count == Self.count - 1)
                wasUp = .now
            }
            isDown = .now
            FaultScale.note("500 services down after \(wasUp.duration(to: isDown))")
            #expect(begin.duration(to: isDown) < Self.patience)
        }
    }
}
