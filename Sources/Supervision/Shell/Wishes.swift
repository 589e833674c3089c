import Topology

/// What persons have asked for, kept over restarts of the supervisor.
struct Wishes: Codable, Sendable, Equatable {
    struct Scale: Codable, Sendable, Equatable {
        var instances: Int
        /// What the file said then: another number there takes its place.
        var declared: Int
    }

    var scale: [String: Scale] = [:]
    var stopped: [String] = []

    init() {}

    init(_ remembered: SupervisionEvent.Remembered, definitions: [SupervisedService]) {
        for definition in definitions {
            if let count = remembered.scaledByHand[definition.name] {
                scale[definition.name] = Scale(instances: count, declared: definition.instances)
            }
        }
        stopped = remembered.held.sorted()
    }

    /// - Parameter isRunning: something has been found running. What was stopped when everything was taken down starts again with the rest.
    func remembered(for definitions: [SupervisedService], isRunning: Bool) -> SupervisionEvent.Remembered {
        var remembered = SupervisionEvent.Remembered(held: isRunning ? Set(stopped) : [])
        for definition in definitions {
            if let scale = scale[definition.name], scale.declared == definition.instances {
                remembered.scaledByHand[definition.name] = scale.instances
            }
        }
        return remembered
    }
}
