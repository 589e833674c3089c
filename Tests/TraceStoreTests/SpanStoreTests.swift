import Foundation
import TestSupport
import Testing

@testable import TraceStore

@Suite struct SpanStoreTests {
    /// The macro cannot have a writer within it, which cannot be copied.
    private func expectWritten(_ isWritten: Bool, _ expected: Bool, _ place: SourceLocation = #_sourceLocation) {
        #expect(isWritten == expected, sourceLocation: place)
    }

    @Test func whatIsWrittenIsReadBackAsItWas() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let trace = TraceID.random()
        let nasty = "quote \" backslash \\ line\nescape \u{1B}[31m nul \u{0} ü 🎈"
        let written = FinishedSpan(
            context: SpanContext(traceID: trace, spanID: .random(), isSampled: true, state: "v=1"), parent: .random(), name: nasty,
            kind: .producer, start: 5, end: .max,
            attributes: [
                "text": .string(nasty), "number": .int(.min), "share": .double(0.5), "none": .double(.nan), "flag": .bool(true),
                "list": .strings(["a", nasty]),
            ], outcome: .error(nasty),
            moments: [SpanMoment(name: nasty, time: 6, attributes: ["why": .string(nasty)])],
            links: [SpanContext(traceID: .random(), spanID: .random(), isSampled: true)])
        sink.record(written)
        sink.record(span("another"))
        await sink.close()
        let found = try TraceSearch(TraceFolder(path: folder)).find(.trace(trace))
        let read = try #require(found.spans.first)
        #expect(found.spans.count == 1)
        #expect(read.service == "order" && read.instance == "2")
        #expect(read.name == nasty && read.error == nasty && read.kind == .producer)
        #expect(read.spanID == written.context.spanID && read.parent == written.parent)
        #expect(read.start == 5 && read.end == .max)
        #expect(read.attributes["text"] == nasty && read.attributes["number"] == "\(Int64.min)" && read.attributes["share"] == "0.5")
        #expect(read.attributes["list"] == "a, \(nasty)")
    }

    @Test func filesAreRotatedAndTheOldestGo() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        var writer = SpanFileWriter(folder: folder, resource: resource, maximumFileSize: 1000)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 600) + [0x0a]
        for turn in 0..<100 as Range<UInt64> { expectWritten(writer.write(line, now: turn, milliseconds: 1000 + turn), true) }
        let sizes = try files(in: folder).map { name in
            try #require(try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int)
        }
        #expect(sizes.count == SpanFileWriter.maximumFiles)
        #expect(sizes.allSatisfy { $0 < 2000 })
    }

    @Test func aFileThatWasClearedIsFollowedByANewOne() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        var writer = SpanFileWriter(folder: folder, resource: resource)
        expectWritten(writer.write([0x0a], now: 0, milliseconds: 1), true)
        for name in files(in: folder) { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        expectWritten(writer.write([0x0a], now: 1, milliseconds: 2), true)
        #expect(files(in: folder).count == 1)
    }

    @Test func aFolderThatIsAwayCostsSpansAndNothingElse() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        var writer = SpanFileWriter(folder: folder + "/later", resource: resource)
        expectWritten(writer.write([0x0a], now: 0, milliseconds: 1), false)
        try FileManager.default.createDirectory(atPath: folder + "/later", withIntermediateDirectories: false)
        expectWritten(writer.write([0x0a], now: SpanFileWriter.pauseAfterFailure - 1, milliseconds: 1), false)
        expectWritten(writer.write([0x0a], now: SpanFileWriter.pauseAfterFailure, milliseconds: 1), true)

        let sink = sink(folder + "/never")
        for _ in 0..<10 { sink.record(span("lost")) }
        await sink.close()
        #expect(sink.counts == SpanSink.Counts(recorded: 10, droppedByStore: 10, exported: 0, droppedByExporter: 0))
    }

    @Test func recordingNeverWaitsForAWriterThatStands() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        // The writer does not look for a second, as if the disk did not answer.
        let sink = SpanSink(
            resource: resource, settings: TraceSettings([TraceSettings.folderVariable: folder]), gathering: 1_000_000)
        let big = span("big", attributes: ["text": .string(String(repeating: "x", count: 1000))])
        let elapsed = ContinuousClock().measure { for _ in 0..<100_000 { sink.record(big) } }
        // Waiting for it whenever there is no room would take twelve.
        #expect(elapsed < .seconds(6))
        await sink.close()
        let counts = sink.counts
        #expect(counts.recorded == 100_000)
        #expect(counts.droppedByStore >= 100_000 - 2 * SpanSink.maximumWaiting)
    }

    @Test func whatOthersWriteIntoTheFolderDoesNoHarm() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let trace = TraceID.random()
        sink.record(span("good", trace: trace, attributes: [FinishedSpan.subject: .string("o-7")]))
        await sink.close()
        let good = try #require(files(in: folder).first)
        var torn = try String(contentsOfFile: "\(folder)/\(good)", encoding: .utf8)
        torn.removeLast(20)
        try torn.write(toFile: "\(folder)/a-torn.spans", atomically: false, encoding: .utf8)
        try "{\"traceId\":\"\(trace)\n\u{0}\n{}\n".write(toFile: "\(folder)/b-rubbish.spans", atomically: false, encoding: .utf8)
        try Data((0..<10_000).map { _ in UInt8.random(in: 0...255) }).write(to: URL(filePath: "\(folder)/c-noise.spans"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/d-link.spans", withDestinationPath: "/etc/passwd")
        try FileManager.default.createDirectory(atPath: "\(folder)/e-folder.spans", withIntermediateDirectories: false)
        mkfifo("\(folder)/f-fifo.spans", 0o600)
        for query in [TraceQuery.trace(trace), .subject("o-7")] {
            #expect(try TraceSearch(TraceFolder(path: folder)).find(query).spans.map(\.name) == ["good"])
        }
        #expect(try TraceSearch(TraceFolder(path: folder)).find(.subject("o-")).spans.isEmpty)
        #expect(try TraceSearch(TraceFolder(path: folder + "/none")).find(.subject("o-7")).spans.isEmpty)
    }

    @Test func aTraceIsWholeByWhatItIsAbout() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder, maximumFileSize: 2000)
        let traces = (0..<3).map { _ in TraceID.random() }
        for (number, trace) in traces.enumerated() {
            for turn in 0..<20 { sink.record(span("\(number).\(turn)", trace: trace)) }
            if number < 2 { sink.record(span("\(number).last", trace: trace, attributes: [FinishedSpan.subject: .string("o-1")])) }
        }
        await sink.close()
        let found = try TraceSearch(TraceFolder(path: folder)).find(TraceQuery("o-1"))
        #expect(found.spans.count == 42)
        #expect(Set(found.spans.map(\.traceID)) == Set(traces[..<2]))
        #expect(found.omitted == 0)
    }
}
