import Testing

@testable import Topology

/// Whatever stands in the file, the answer is a topology or mistakes: never a trap, never a mistake without a place.
struct FuzzTests {
    private func check(_ yaml: String) {
        do {
            _ = try Topology.parse(yaml, file: "f")
        } catch {
            #expect(!error.mistakes.isEmpty)
            #expect(error.mistakes.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
            #expect(error.mistakes == error.mistakes.sorted())
        }
    }

    @Test func everyPrefix() {
        for length in stride(from: 0, to: wholeFile.count, by: 7) { check(String(wholeFile.prefix(length))) }
    }

    @Test func everyLineLeftOut() {
        let lines = wholeFile.split(separator: "\n", omittingEmptySubsequences: false)
        for index in lines.indices { check((lines[..<index] + lines[(index + 1)...]).joined(separator: "\n")) }
    }

    @Test func mutations() {
        var random = SplitMix(state: 20_261_121)
        let splices = [
            "[", "]", "{", "}", ":", ": ", "- ", "\n", "\t", "\"", "'", "&a ", "*a", "<<: ", "? ", "| ", "> ", "!!int ", "!x ", "~", "null",
            "#", "%", "@",
            "\0", "\u{FEFF}", "\u{E000}", "\u{2028}", "\r\n", "é", "-1", "99999999999999999999", "1e999", "nan", "0x", "\\", "---", "...",
        ]
        let original = Array(wholeFile.unicodeScalars)
        for _ in 0..<700 {
            var scalars = original
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let start = Int.random(in: 0..<scalars.count, using: &random)
                let end = min(scalars.count, start + Int.random(in: 0..<12, using: &random))
                scalars.replaceSubrange(start..<end, with: (splices.randomElement(using: &random) ?? "").unicodeScalars)
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            check(String(text))
        }
    }

    /// Each value of the file in turn replaced by each kind of wrong one.
    @Test(arguments: ["[]", "{}", "[[[]]]", "{ a: { b: c } }", "~", "'x\\y'", "-5", "\"\\0\"", "1e400", "*no"])
    func wrongValues(value: String) {
        let lines = wholeFile.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (index, line) in lines.enumerated() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            var changed = lines
            changed[index] = line[...colon] + " " + value
            check(changed.joined(separator: "\n"))
        }
    }
}

/// The same numbers at every run (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
