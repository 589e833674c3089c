import SimulationModel
import Testing

/// A little of what `simulation` does by the ten million.
@Suite struct SimulationTests {
    @Test(arguments: UInt64(1)...6)
    func whatMustHoldHolds(seed: UInt64) async throws {
        var simulation = Simulation(seed: seed, isTracing: true)
        for part in 1...5 {
            // Other tests wait for things meanwhile.
            await Task.yield()
            try simulation.run(events: part * 1_000)
        }
    }
}
