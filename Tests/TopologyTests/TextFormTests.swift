import Testing

@testable import Topology

struct TextFormTests {
    @Test(
        arguments: [
            ("0", .zero), ("100ms", .milliseconds(100)), ("1s", .seconds(1)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("1d", .seconds(86_400)),
            ("1m30s", .seconds(90)), ("1.5s", .milliseconds(1500)), ("250us", .microseconds(250)),
        ] as [(String, Duration)])
    func durations(text: String, duration: Duration) {
        #expect(DurationText.read(text) == duration)
    }

    @Test(arguments: [
        "", "5", "s", "-1s", "1 s", "1x", "1s2", ".5s", "5.s", "1..5s", "1e3s", "9999999999999d", "99999999999999999999s", "٣s",
    ])
    func noDurations(text: String) {
        #expect(DurationText.read(text) == nil)
    }

    @Test(arguments: ["0s", "100ms", "1s", "1m30s", "1h", "1d2h3m4s5ms6us"])
    func durationsAreWrittenAsRead(text: String) {
        #expect(DurationText.read(text).map(DurationText.write) == text)
    }

    @Test(arguments: [
        ("256M", 256 << 20), ("1G", 1 << 30), ("512k", 512 << 10), ("1.5GiB", 3 << 29), ("10KB", 10240), ("77", 77), ("5B", 5),
    ])
    func sizes(text: String, bytes: Int) {
        #expect(SizeText.read(text) == bytes)
    }

    @Test(arguments: ["", "M", "-1M", "1X", "1 M", "99999999999999999999", "99999999999P", "1MM", ".5M"])
    func noSizes(text: String) {
        #expect(SizeText.read(text) == nil)
    }

    @Test(
        arguments: [
            ("shop order", ["shop", "order"]), ("  a   b ", ["a", "b"]), ("a 'b c' \"d e\"", ["a", "b c", "d e"]),
            ("a\\ b c", ["a b", "c"]),
            ("a ''", ["a", ""]), ("x'y'\"z\"", ["xyz"]), ("\"a\\\"b\\n\"", ["a\"b\\n"]), ("'a\\b'", ["a\\b"]),
            ("'$x|y' \"a;b\"", ["$x|y", "a;b"]),
            ("--a=b*~", ["--a=b*~"]), ("", []),
        ] as [(String, [String])])
    func words(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\", "a | b", "a; b", "a && b", "echo $HOME", "a > b", "`x`", "(a)"])
    func noWords(text: String) {
        #expect(throws: ShellWords.Mistake.self) { try ShellWords.split(text) }
    }

    @Test func spelling() {
        let known = ["readiness", "liveness", "restart", "stop", "order", "broker"]
        #expect(SpellingAid.nearest(to: "rediness", in: known) == "readiness")
        #expect(SpellingAid.nearest(to: "Order", in: known) == "order")
        #expect(SpellingAid.nearest(to: "rostart", in: known) == "restart")
        #expect(SpellingAid.nearest(to: "sotp", in: known) == "stop")
        #expect(SpellingAid.nearest(to: "kubernetes", in: known) == nil)
        #expect(SpellingAid.nearest(to: "", in: []) == nil)
        #expect(SpellingAid.nearest(to: String(repeating: "x", count: 100_000), in: known) == nil)
    }
}
