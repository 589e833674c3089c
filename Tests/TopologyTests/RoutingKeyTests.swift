import Testing

@testable import Topology

struct RoutingKeyTests {
    /// As RabbitMQ's tutorial on topics and AMQP 0-9-1 have it.
    @Test(arguments: [
        ("order.created", "order.created", true), ("order.created", "order.*", true), ("order.created", "*.created", true),
        ("order.created", "#", true), ("order.created", "order.#", true), ("order.created", "#.created", true),
        ("order.created", "order.created.#", true), ("order.created", "#.order.created", true),
        ("order.created", "#.order.#.created.#", true),
        ("order.created", "*.*", true), ("order.created", "*", false), ("order.created", "*.*.*", false), ("order.created", "order", false),
        ("order.created", "order.create", false), ("order.created", "order*", false), ("order.created", "order.created.*", false),
        ("order.created", "#.#", true), ("order", "*.#", true), ("order", "#.*", true), ("order", "#.*.*", false),
        ("a.b.c.d", "a.#.d", true), ("a.b.c.d", "a.*.d", false), ("a.b.c.d", "#.b.#.d", true), ("a.b.c.d", "#.d.#.b", false),
        ("a.b.a.b", "#.a.b", true), ("a.b.a.c", "#.a.b", false), ("", "#", true), ("", "*", false),
    ])
    func patterns(key: String, pattern: String, isTaken: Bool) {
        #expect(RoutingKey.matches(key, pattern: pattern) == isTaken)
    }

    /// Against the definition written out as it stands: `#` is none or one more word.
    @Test func patternsAgreeWithTheDefinition() {
        func fits(_ words: ArraySlice<Substring>, _ parts: ArraySlice<Substring>) -> Bool {
            guard let part = parts.first else { return words.isEmpty }
            if part == "#" { return fits(words, parts.dropFirst()) || !words.isEmpty && fits(words.dropFirst(), parts) }
            guard let word = words.first, part == "*" || part == word else { return false }
            return fits(words.dropFirst(), parts.dropFirst())
        }
        var random = SplitMix(state: 4)
        for _ in 0..<5000 {
            let key = (0..<Int.random(in: 1...5, using: &random)).map { _ in ["a", "b"].randomElement(using: &random) ?? "a" }
            let pattern = (0..<Int.random(in: 1...5, using: &random)).map { _ in ["a", "b", "*", "#"].randomElement(using: &random) ?? "a" }
            let isTaken = fits(key.map { $0[...] }[...], pattern.map { $0[...] }[...])
            #expect(
                RoutingKey.matches(key.joined(separator: "."), pattern: pattern.joined(separator: ".")) == isTaken, "\(key) \(pattern)")
        }
    }

    @Test(arguments: [
        ("order.created", true), ("a", true), ("A_1-b.c", true), ("", false), ("a..b", false), (".a", false), ("a b", false),
        ("a.*", false), ("é", false),
    ])
    func eventTypes(text: String, isOne: Bool) {
        #expect(RoutingKey.isEventType(text) == isOne)
    }
}
