@testable import ServiceKit
import Testing
import TestSupport

struct DoorbellTests {
    @Test func ringsAcrossInstancesUntilTheListenerIsGone() async throws {
        let name = EventIdentifier.make()
        let (leader, follower) = (Doorbell(name: name), Doorbell(name: name))
        let (first, second) = (Latch(), Latch())
        follower.ring()
        leader.listen { first.trigger() }
        // The name is taken: no error, and no call.
        follower.listen { second.trigger() }
        follower.ring()
        await first.wait()
        #expect(!second.isTriggered)
        leader.stopListening()
        try await eventually {
            follower.listen { second.trigger() }
            follower.ring()
            return second.isTriggered
        }
    }
}
