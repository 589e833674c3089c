import Glibc
import SimulationModel

/// `simulation [--seeds N] [--events N] [--seed S]`: random lives of a supervisor, and what must hold in them.
///
/// `--events` (10,000,000) are shared out among `--seeds` (64) that follow one another from 1; with `--seed` all are that one's. A seed for
/// which something does not hold is printed with its latest events, and the status is 1.
struct Arguments {
    var seeds: UInt64 = 64
    var events = 10_000_000
    var seed: UInt64?

    /// Nil: they make no sense.
    init?(_ words: [String]) {
        var words = words[...]
        while let option = words.popFirst() {
            guard let word = words.popFirst(), let number = UInt64(word), number <= 1_000_000_000_000 else { return nil }
            switch option {
            case "--seeds" where number > 0: seeds = number
            case "--events": events = Int(number)
            case "--seed": seed = number
            default: return nil
            }
        }
    }
}

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: simulation [--seeds N] [--events N] [--seed S]")
    exit(64)
}
let seeds = arguments.seed.map { $0...$0 } ?? 1...arguments.seeds
let share = arguments.seed == nil ? max(1, arguments.events / Int(arguments.seeds)) : arguments.events
let beginning = ContinuousClock.now
var events = 0
var supervisors = 0
for seed in seeds {
    var simulation = Simulation(seed: seed)
    do {
        try simulation.run(events: share)
    } catch {
        // Once more, with the trace that would slow down all the others.
        var traced = Simulation(seed: seed, isTracing: true)
        do { try traced.run(events: share) } catch { print(error) }
        print("again with: simulation --seed \(seed) --events \(share)")
        exit(1)
    }
    events += simulation.events
    supervisors += simulation.supervisors
}
let seconds = max(0.001, (ContinuousClock.now - beginning) / .seconds(1))
print(
    "\(events) events in \(seeds.count) seeds, \(supervisors) supervisors: all that must hold holds; \(Int(seconds)) s, "
        + "\(Int(Double(events) / seconds)) events/s")
