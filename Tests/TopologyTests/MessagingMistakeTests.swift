import Testing

@testable import Topology

/// Mistakes in what is published, bound, read, answered and tried again: each one message, at its line and column, before anything is started.
struct MessagingMistakeTests {
    @Test func theFileIsRight() { #expect(mistakes(MessagingMistakes.file).isEmpty) }

    @Test(arguments: MessagingMistakes.all.indices) func eachMistakeIsToldAtItsPlace(index: Int) throws {
        let seed = MessagingMistakes.all[index]
        var text = MessagingMistakes.file
        for (found, replacement) in seed.edits {
            let range = try #require(text.firstRange(of: found), "\(found)")
            text.replaceSubrange(range, with: replacement)
        }
        let marker = try #require(text.firstIndex(of: "▸"))
        let before = text[..<marker]
        let line = before.count { $0 == "\n" } + 1
        let column = before.distance(from: before.lastIndex(of: "\n").map(before.index(after:)) ?? before.startIndex, to: marker) + 1
        text.remove(at: marker)
        let found = mistakes(text)
        #expect(found.count == 1 + seed.others, "\(found.map(\.description))")
        let told = found.contains { mistake in
            mistake.line == line && mistake.column == column && seed.words.allSatisfy(mistake.message.contains)
        }
        #expect(told, "\(line):\(column) \(seed.words)\n\(found.map(\.description).joined(separator: "\n"))")
    }

    @Test func thereAreEnough() {
        #expect(Set(MessagingMistakes.all.map { $0.edits.map(\.replacement).joined() }).count >= 50)
        #expect(MessagingMistakes.all.allSatisfy { !$0.words.isEmpty })
    }

    @Test func whatWasAppliedBeforeTheseRulesIsStillRead() throws {
        let text = MessagingMistakes.file.replacing("timeout: 5s", with: "timeout: 1h")
        #expect(mistakes(text).count == 1)
        #expect(try Topology.parse(applied: text, file: "t").routes[1].timeout == .seconds(3600))
        #expect(throws: TopologyMistakes.self) { try Topology.parse(applied: "name: [", file: "t") }
    }
}
