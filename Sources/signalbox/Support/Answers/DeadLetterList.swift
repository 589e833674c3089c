import Supervision

struct DeadLetterList: Decodable {
    var messages: [DeadLetterStatus]

    private enum CodingKeys: String, CodingKey {
        case messages = "dead_letters"
    }
}
