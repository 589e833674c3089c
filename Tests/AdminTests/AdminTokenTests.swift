import Foundation
import TestSupport
import Testing

@testable import Admin

@Suite struct AdminTokenTests {
    private func inDirectory(_ test: (String) throws -> Void) throws {
        let directory = try temporaryDirectory()
        defer { removeDirectory(directory) }
        try test(directory + "/admin.token")
    }

    @Test func itIsMadeOnceOfThirtyTwoRandomBytesForItsOwnerAlone() throws {
        try inDirectory { path in
            let first = try AdminToken.loadOrCreate(path: path)
            #expect(first.text.count == 64)
            #expect(first.text.allSatisfy { $0.isHexDigit })
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            let second = try AdminToken.loadOrCreate(path: path)
            #expect(second.text == first.text)
        }
        try inDirectory { one in
            try inDirectory { other in
                let tokens = (try AdminToken.loadOrCreate(path: one), try AdminToken.loadOrCreate(path: other))
                #expect(tokens.0.text != tokens.1.text)
            }
        }
    }

    @Test func aTokenThatOthersMayReadIsRefused() throws {
        try inDirectory { path in
            _ = try AdminToken.loadOrCreate(path: path)
            chmod(path, 0o644)
            #expect(throws: AdminError.self) { try AdminToken.loadOrCreate(path: path) }
        }
    }

    @Test func aShortOneAndALinkAreRefused() throws {
        try inDirectory { path in
            #expect(FileManager.default.createFile(atPath: path, contents: Data("abc\n".utf8), attributes: [.posixPermissions: 0o600]))
            #expect(throws: AdminError.self) { try AdminToken.loadOrCreate(path: path) }
        }
        try inDirectory { path in
            symlink("/etc/hostname", path)
            #expect(throws: AdminError.self) { try AdminToken.loadOrCreate(path: path) }
        }
    }

    @Test func onlyTheWholeTokenMatches() {
        let token = AdminToken("0123456789abcdef")
        #expect(token.matches("0123456789abcdef"))
        for other in ["", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "0123456789abcdef0123456789abcdef"] {
            #expect(!token.matches(other))
        }
    }
}
