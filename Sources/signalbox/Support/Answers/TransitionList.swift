import Supervision

struct TransitionList: Decodable {
    var events: [TransitionRecord]
}
