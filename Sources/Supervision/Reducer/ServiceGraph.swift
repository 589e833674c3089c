import Topology

/// Who needs whom, by position in the state's list of services. Worked out once for each set of declarations.
struct ServiceGraph: Sendable {
    struct Edge: Sendable {
        var service: Int
        var condition: Dependency.Condition
    }

    private(set) var index: [String: Int] = [:]
    /// What has to be there before a service starts. A ring of services that need each other has no edges within: none would ever start.
    private(set) var dependencies: [[Edge]] = []
    /// Those that may go on when something has changed about a service.
    private(set) var users: [[Int]] = []
    /// What a service depends on or passes requests to.
    private(set) var uses: [[Int]] = []
    /// Those that end before a service does; without those that are in a ring with it.
    private(set) var stopsAfter: [[Int]] = []
    /// Those with a rule for their number.
    private(set) var scaled: [Int] = []

    init() {}

    init(_ definitions: [SupervisedService]) {
        for (s, definition) in definitions.enumerated() {
            index[definition.name] = s
            if definition.scale != nil { scaled.append(s) }
        }
        let declared = definitions.map { definition in
            definition.dependencies.compactMap { dependency in
                index[dependency.name].map { Edge(service: $0, condition: dependency.condition) }
            }
        }
        let startRings = RingFinder.rings(declared.map { $0.map(\.service) })
        dependencies = declared.enumerated().map { s, edges in edges.filter { startRings[$0.service] != startRings[s] } }
        uses = zip(declared, definitions).map { edges, definition in
            edges.map(\.service) + definition.fronts.compactMap { index[$0] }
        }
        let stopRings = RingFinder.rings(uses)
        users = Array(repeating: [], count: definitions.count)
        stopsAfter = users
        for (s, used) in uses.enumerated() {
            for other in used where other != s {
                if users[other].last != s { users[other].append(s) }
                if stopRings[other] != stopRings[s] { stopsAfter[other].append(s) }
            }
        }
    }
}
