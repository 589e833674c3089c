import Foundation
import Testing

@testable import ShopServices

@Suite struct FileRootTests {
    private func withRoot(_ body: (FileRoot, URL) throws -> Void) throws {
        let outer = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let folder = outer.appending(path: "root")
        try FileManager.default.createDirectory(at: folder.appending(path: "sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: outer) }
        try "secret".write(to: outer.appending(path: "secret.csv"), atomically: true, encoding: .utf8)
        try "a\n1\n".write(to: folder.appending(path: "sub/a.csv"), atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "link.csv"), withDestinationURL: outer.appending(path: "secret.csv"))
        try FileManager.default.createSymbolicLink(at: folder.appending(path: "up"), withDestinationURL: outer)
        try body(FileRoot(path: folder.path()), folder)
    }

    @Test(arguments: [
        "../secret.csv", "sub/../../secret.csv", "/etc/passwd", "link.csv", "up/secret.csv", "up", "sub/\0/a.csv",
        String(repeating: "a/", count: 40) + "x", "..", "sub", "",
    ])
    func opensNoFileOutside(path: String) throws {
        try withRoot { root, _ in
            #expect(throws: FileAccessError.self) { try root.openFile(path) }
        }
    }

    @Test(arguments: ["sub/a.csv", "./sub//a.csv", "sub/./a.csv"])
    func opensWhatIsInside(path: String) throws {
        try withRoot { root, _ in _ = try root.openFile(path) }
    }

    @Test func listsLinksAsLinksAndDoesNotFollowThem() throws {
        try withRoot { root, _ in
            let listing = try FolderListing(path: "", in: root)
            #expect(listing.entries.map(\.name) == ["link.csv", "sub", "up"])
            #expect(listing.entries.map(\.kind) == [.link, .folder, .link])
            #expect(throws: FileAccessError.notAFolder("up")) { try FolderListing(path: "up", in: root) }
            #expect(throws: FileAccessError.notFound("none")) { try FolderListing(path: "none", in: root) }
        }
    }

    @Test func aPipeDoesNotHoldTheReaderUp() throws {
        try withRoot { root, folder in
            #expect(mkfifo(folder.appending(path: "pipe").path(), 0o600) == 0)
            #expect(throws: FileAccessError.notAFile("pipe")) { try root.openFile("pipe") }
        }
    }
}
