import Topology

/// What the admin endpoint answers when it cannot do what was asked.
struct ProblemDocument: Decodable {
    var detail: String
    var hint: String?
    var mistakes: [TopologyMistake]?
}
