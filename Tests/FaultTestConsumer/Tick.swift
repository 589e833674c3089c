import ServiceKit

struct Tick: Event {
    static let type = "tick"

    var number: Int
    var subject: String { "tick-\(number)" }
}
