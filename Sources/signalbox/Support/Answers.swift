import Supervision

struct TransitionList: Decodable {
    var events: [TransitionRecord]
}

struct QueueList: Decodable {
    var queues: [QueueStatus]
}

struct DeadLetterList: Decodable {
    var messages: [DeadLetterStatus]

    private enum CodingKeys: String, CodingKey {
        case messages = "dead_letters"
    }
}

struct ReplayAnswer: Decodable {
    var replayed: Int
}

/// An answer whose content does not matter here.
struct AnyAnswer: Decodable {
    init(from decoder: any Decoder) {}
}

struct ScaleRequest: Encodable {
    var instances: Int
}
