import Glibc
@testable import Supervision
import TestSupport
import Testing
import Topology

@Suite struct SecretTests {
    private func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        try StateFile.write(text.utf8, to: path, mode: mode)
    }

    @Test func aSecretIsReadWithoutTheNewlineAtItsEnd() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let reader = SecretReader(folder: folder, credentials: "\(folder)/credentials")
        mkdir("\(folder)/credentials", 0o700)
        for (text, value) in [("x", "x"), ("x\n", "x"), ("x\r\n", "x"), (" x \n\n", " x \n"), ("", "")] {
            try write(text, to: "\(folder)/a")
            #expect(try reader.value(of: .file("a")) == value)
            #expect(try reader.value(of: .file("\(folder)/a")) == value)
            try write(text, to: "\(folder)/credentials/c", mode: 0o444)
            #expect(try reader.value(of: .credential("c")) == value)
        }
    }

    @Test func whatCannotBeHadIsNamedWithoutItsValue() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let reader = SecretReader(folder: folder, credentials: nil)
        func reason(_ secret: Secret) -> String? {
            do throws(SecretReader.Failure) {
                _ = try reader.value(of: secret)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason(.file("none")) == "the secret's file \(folder)/none cannot be read: No such file or directory")
        for mode: mode_t in [0o604, 0o602, 0o666] {
            try write("canary", to: "\(folder)/open", mode: mode)
            let shown = "0" + String(mode, radix: 8)
            #expect(
                reason(.file("open")) == "the secret's file \(folder)/open has mode \(shown), by which everybody may use it; chmod 600 it")
        }
        try write("canary", to: "\(folder)/group", mode: 0o640)
        #expect(reason(.file("group")) == nil)
        #expect(reason(.file("/")) == "the secret's file / is no file")
        try write("can\0ary", to: "\(folder)/binary")
        #expect(reason(.file("binary"))?.hasSuffix("is no text, which an environment variable has to be") == true)
        try write(String(repeating: "x", count: SecretReader.maximumSize + 1), to: "\(folder)/large")
        #expect(reason(.file("large"))?.hasSuffix("has more than 65536 bytes") == true)
        #expect(reason(.credential("c"))?.contains("LoadCredential=c:") == true)
        #expect(reason(.credential("../open")) == "\"../open\" cannot name a credential")
    }

    @Test func aKeyedHashIsHMACWithSHA256() {
        let hash = KeyedHash(key: "Jefe".utf8)
        // Of `28:what do ya want for nothing?`, by Python's hmac.
        #expect(hash.hash(["what do ya want for nothing?"]) == "f9a7f5b9c4118c0f397a50b3a495f455")
        #expect(hash.hash(["what do ya want for nothing?"]) != hash.hash(["what do ya want", " for nothing?"]))
        #expect(hash.hash(["a"]) == hash.hash(["a"]) && hash.hash(["a"]) != KeyedHash(key: "x".utf8).hash(["a"]))
    }

    @Test func aSecretThatIsAwayHasNotChanged() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let topology = Topology(name: "x", services: [Service(name: "a", command: ["x"], secrets: ["KEY": .file("key")])])
        let reader = SecretReader(folder: folder, credentials: nil)
        let key = KeyedHash(key: "k".utf8)
        let unknown = SecretHashes(of: topology, reader: reader, key: key, before: SecretHashes())
        #expect(unknown.hashes["a"]?["KEY"] == SecretHashes.unknown)
        try write("canary", to: "\(folder)/key")
        let first = SecretHashes(of: topology, reader: reader, key: key, before: SecretHashes())
        #expect(first.changes(of: "a", from: unknown) == ["KEY"])
        #expect(!first.parts(of: "a").joined().contains("canary"))
        unlink("\(folder)/key")
        #expect(SecretHashes(of: topology, reader: reader, key: key, before: first) == first)
        try write("another", to: "\(folder)/key")
        let second = SecretHashes(of: topology, reader: reader, key: key, before: first)
        #expect(second.changes(of: "a", from: first) == ["KEY"])
        #expect(second.changes(of: "b", from: first).isEmpty)
    }
}
