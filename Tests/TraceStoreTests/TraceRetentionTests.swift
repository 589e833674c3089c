import Foundation
import Glibc
import TestSupport
import Testing

@testable import TraceStore

@Suite struct TraceRetentionTests {
    private func entry(_ name: String, size: Int, modified: Int, isFile: Bool = true) -> TraceFolderEntry {
        TraceFolderEntry(name: name, isFile: isFile, size: size, modified: modified)
    }

    @Test func theOldestGoUntilTheRestFits() {
        let entries = [
            entry("c.spans", size: 40, modified: 30), entry("a.spans", size: 40, modified: 10), entry("b.spans", size: 40, modified: 20),
        ]
        #expect(TraceRetention(maximumSize: 100, maximumAge: 1000).surplus(of: entries, now: 40).map(\.name) == ["a.spans"])
        #expect(TraceRetention(maximumSize: 120, maximumAge: 1000).surplus(of: entries, now: 40).isEmpty)
        #expect(TraceRetention(maximumSize: 120, maximumAge: 15).surplus(of: entries, now: 40).map(\.name) == ["b.spans", "a.spans"])
    }

    @Test func whatIsNoneOfOursGoes() {
        let entries = [
            entry("note.txt", size: 1, modified: 10), entry("x.spans", size: 0, modified: 10, isFile: false),
            entry("huge.spans", size: .max, modified: 10), entry("y.spans", size: 1, modified: 9),
        ]
        let surplus = TraceRetention().surplus(of: entries, now: 10).map(\.name)
        #expect(Set(surplus) == ["note.txt", "x.spans", "huge.spans"])
    }

    @Test func aFolderIsSwept() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        for (number, age) in [(1, 100), (2, 50), (3, 10)] {
            let path = "\(folder)/s-\(number).spans"
            try String(repeating: "x", count: 1000).write(toFile: path, atomically: false, encoding: .utf8)
            var times = [timeval(tv_sec: 10_000 - age, tv_usec: 0), timeval(tv_sec: 10_000 - age, tv_usec: 0)]
            utimes(path, &times)
        }
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link.spans", withDestinationPath: "/etc/hostname")
        TraceFolder(path: folder).sweep(TraceRetention(maximumSize: 2500, maximumAge: 90), now: 10_000)
        #expect(files(in: folder) == ["s-2.spans", "s-3.spans"])
        #expect(FileManager.default.fileExists(atPath: "/etc/hostname"))
        #expect(TraceFolder(path: folder).size == 2000)
    }

    /// As a service of one user would: only root can become others.
    @Test(.enabled(if: getuid() == 0)) func anotherUserWritesButReadsNothing() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let store = "\(folder)/traces"
        mkdir(store, 0o700)
        chmod(store, TraceFolder.sharedMode)
        let sink = sink(store)
        let id = TraceID.random()
        sink.record(span("secret", trace: id))
        await sink.close()
        let name = try #require(files(in: store).first)
        let script = """
            cat "$1/$2" >/dev/null 2>&1 && echo reads
            ls "$1" >/dev/null 2>&1 && echo lists
            rm -f "$1/$2" 2>/dev/null && echo removes
            (: >> "$1/$2") 2>/dev/null && echo appends
            (umask 077; echo x > "$1/own.spans") && echo writes
            """
        let result = try await Tool.run("/usr/sbin/runuser", ["-u", "nobody", "--", "/bin/sh", "-c", script, "sh", store, name])
        #expect(result.output == "writes\n", "\(result)")
        #expect(try TraceSearch(TraceFolder(path: store)).find(.trace(id)).spans.count == 1)
    }
}
