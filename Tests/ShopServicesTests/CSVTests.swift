import Foundation
import Testing

@testable import ShopServices

@Suite struct CSVTests {
    private func rows(_ text: String, piece: Int = .max) throws -> [[String]] {
        var parser = CSVParser()
        var rows: [[String]] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            rows += try parser.feed(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        if let last = parser.finish() { rows.append(last) }
        return rows
    }

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            (#""x, y","say ""hi""""#, [["x, y", #"say "hi""#]]),
            ("\"two\nlines\",z\n", [["two\nlines", "z"]]),
            ("a,,c\n\n,\n", [["a", "", "c"], ["", ""]]),
            ("\"\"\n", [[""]]),
            ("", []),
        ] as [(String, [[String]])])
    func readsWhatRFC4180Allows(text: String, expected: [[String]]) throws {
        #expect(try rows(text) == expected)
        #expect(try rows(text, piece: 1) == expected)
    }

    @Test func aQuoteThatNeverEndsIsAnError() {
        #expect(throws: CSVParser.RowTooLong.self) {
            try rows("\"" + String(repeating: "x", count: CSVParser.maximumRowBytes + 1))
        }
    }

    @Test func pages() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = ["\u{FEFF}n"] + (1...7).map(String.init)
        try lines.joined(separator: "\n").write(to: folder.appending(path: "n.csv"), atomically: true, encoding: .utf8)
        let root = FileRoot(path: folder.path())
        let first = try CSVPage(path: "n.csv", page: 1, pageSize: 3, in: root, until: .now + .seconds(60))
        #expect(first.header == ["n"] && first.rows == [["1"], ["2"], ["3"]] && first.hasMore)
        let last = try CSVPage(path: "n.csv", page: 3, pageSize: 3, in: root, until: .now + .seconds(60))
        #expect(last.rows == [["7"]] && !last.hasMore)
        let beyond = try CSVPage(path: "n.csv", page: .max, pageSize: 1000, in: root, until: .now + .seconds(60))
        #expect(beyond.rows.isEmpty && !beyond.hasMore)
    }
}
