@testable import Keeper
import Testing

struct LineStamperTests {
    private func stamp(_ chunks: [String], finishes: Bool = true) -> String {
        var stamper = LineStamper(tag: "out")
        var lines: [UInt8] = []
        for chunk in chunks { Array(chunk.utf8).withUnsafeBytes { stamper.append($0, time: Array("T".utf8), to: &lines) } }
        if finishes { stamper.finish(time: Array("E".utf8), to: &lines) }
        return String(decoding: lines, as: UTF8.self)
    }

    @Test func linesAreStamped() {
        #expect(stamp(["a\nb\n"]) == "T out a\nT out b\n")
        #expect(stamp(["\n\n"]) == "T out \nT out \n")
        #expect(stamp([""]) == "")
    }

    @Test func aLineMayComeInPieces() {
        #expect(stamp(["hel", "lo\nwor", "ld"]) == "T out hello\nE out world\n")
        #expect(stamp(["hel", "lo"], finishes: false) == "")
    }

    @Test func aStreamWithoutNewlinesIsCut() {
        let piece = String(repeating: "x", count: LineStamper.maximumLine)
        #expect(stamp([piece, "rest\n"]) == "T out \(piece)\nT out rest\n")
    }
}
