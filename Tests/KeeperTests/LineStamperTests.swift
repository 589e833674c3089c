@testable import Keeper
import Testing

struct LineStamperTests {
    /// What comes out, with "T" in place of each stamp.
    private func stamp(_ chunks: [String], finishes: Bool = true) -> String {
        var stamper = LineStamper(tag: .out)
        let buffer = LineBuffer()
        var timestamp = Timestamp()
        let time = Timestamp.realTime()
        let stamp = timestamp.stamp(time, tag: .out)
        var lines: [String] = []
        func take(_ batch: StampedLines) {
            var count = 0
            batch.forEach { line in
                lines.append("T " + String(decoding: line, as: UTF8.self) + "\n")
                count += 1
            }
            #expect(count == batch.count && StampedLines.count(in: batch.bytes) == count)
        }
        for chunk in chunks {
            Array(chunk.utf8).withUnsafeBytes { stamper.append($0, stamp: stamp, time: time, through: buffer, take) }
        }
        if finishes { stamper.finish(stamp: stamp, time: time, through: buffer, take) }
        return lines.joined()
    }

    @Test func linesAreStamped() {
        #expect(stamp(["a\nb\n"]) == "T a\nT b\n")
        #expect(stamp(["\n\n"]) == "T \nT \n")
        #expect(stamp([""]) == "")
    }

    @Test func aLineMayComeInPieces() {
        #expect(stamp(["hel", "lo\nwor", "ld"]) == "T hello\nT world\n")
        #expect(stamp(["hel", "lo"], finishes: false) == "")
    }

    @Test func aLongLineIsCutAndNothingOfItIsLost() {
        let piece = String(repeating: "x", count: LineStamper.maximumLine)
        #expect(stamp([piece, "rest\n"]) == "T \(piece)\nT rest\n")
        #expect(stamp([piece, "\n", "next\n"]) == "T \(piece)\nT next\n")
        #expect(stamp(["a", piece + piece + "\n"]) == "T a\(piece.dropLast())\nT \(piece)\nT x\n")
        #expect(stamp([piece + piece]) == "T \(piece)\nT \(piece)\n")
        #expect(stamp([piece], finishes: false) == "")
    }

    @Test func moreThanTheBufferHoldsComesInSeveralBatches() {
        let lines = String(repeating: "\n", count: LineBuffer.readSize)
        #expect(stamp([lines]) == String(repeating: "T \n", count: LineBuffer.readSize))
    }
}
