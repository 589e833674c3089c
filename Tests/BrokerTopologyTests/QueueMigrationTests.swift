import Testing
import Topology

@testable import BrokerTopology

/// Step by step against a broker in memory, with publishers and consumers between any two steps, and a new migrator at any of them.
struct QueueMigrationTests {
    @Test(arguments: 0..<300)
    func nothingIsLostOrReordered(seed: Int) throws {
        var world = MigratedQueueWorld(seed: UInt64(seed))
        try world.run()
        #expect(world.lost.isEmpty, "seed \(seed): \(world.trace.suffix(60).joined(separator: "\n"))")
        #expect(world.reordered.isEmpty, "seed \(seed): \(world.trace.suffix(60).joined(separator: "\n"))")
        #expect(world.isAsDeclared, "seed \(seed)")
    }

    @Test func aQueueThatNobodyConsumesIsLeftAlone() {
        var world = MigratedQueueWorld(seed: 1)
        world.state.queues[0].messages = 3
        world.state.queues[0].consumers = 0
        guard case .wait(let reason) = world.migration?.next(world.state, .init()) else {
            Issue.record("did not wait")
            return
        }
        #expect(reason.contains("3 messages lie in it and nobody consumes it"))
    }

    @Test func requestsAreNeverInTwoQueues() throws {
        var world = MigratedQueueWorld(seed: 2, isRequested: true)
        try world.run { world in
            let bound = world.state.bindings.filter { $0.source == Queue.requestExchangeName }
            #expect(bound.count <= 1, "\(bound)")
        }
        #expect(world.isAsDeclared)
    }
}
