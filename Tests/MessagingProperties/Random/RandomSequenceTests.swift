import Foundation
import Testing

/// `SIGNALBOX_PROPERTY_SEED=7` runs one sequence alone; `SIGNALBOX_PROPERTY_RUNS` says how many each broker is given.
@Suite(.timeLimit(.minutes(20))) struct RandomSequenceTests {
    private static let first: UInt64 = 1
    private static let runs: [BrokerKind: Int] = [.memory: 400, .rabbitMQ: 30]

    private static func seeds(_ kind: BrokerKind) -> Range<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SIGNALBOX_PROPERTY_SEED"].flatMap(UInt64.init) { return seed..<seed + 1 }
        let count = environment["SIGNALBOX_PROPERTY_RUNS"].flatMap(UInt64.init) ?? UInt64(runs[kind] ?? 1)
        return first..<first + count
    }

    @Test(arguments: BrokerKind.allCases) func aQueueDoesAsItsModel(_ kind: BrokerKind) async throws {
        for seed in Self.seeds(kind) {
            try await kind.withBench { bench in
                var sequence = try await QueueSequence(seed: seed, on: bench)
                do {
                    try await sequence.run()
                } catch {
                    Issue.record("seed \(seed) on \(kind): \(error)\n\(sequence.story.joined(separator: "\n"))")
                }
            }
        }
    }
}
