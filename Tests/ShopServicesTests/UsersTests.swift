import Foundation
import Testing

@testable import ShopServices

@Suite struct UsersTests {
    let now = Date(timeIntervalSince1970: 1_000_000)

    private func claims(expires: Int = 1_003_600) -> TokenSigner.Claims {
        .init(issuer: TokenSigner.issuer, subject: "1000", issuedAt: 1_000_000, expiresAt: expires)
    }

    @Test func aTokenIsGoodUntilItExpires() throws {
        let signer = try TokenSigner(seed: TokenSigner.randomSeed())
        let token = try signer.sign(claims())
        #expect(signer.verify(token, now: now) == claims())
        #expect(signer.verify(token, now: now.addingTimeInterval(3600)) == nil)
    }

    @Test func aTokenOfAnotherKeyOrAChangedOneIsRefused() throws {
        let signer = try TokenSigner(seed: TokenSigner.randomSeed())
        let token = try signer.sign(claims())
        #expect(try TokenSigner(seed: TokenSigner.randomSeed()).verify(token, now: now) == nil)
        var parts = token.split(separator: ".").map(String.init)
        parts[1] = Base64URL.encode(Array(try JSONEncoder().encode(claims(expires: 9_999_999_999))))
        #expect(signer.verify(parts.joined(separator: "."), now: now) == nil)
    }

    @Test(arguments: ["", ".", "..", "a.b.c", String(repeating: "x", count: 5000), "eyJhbGciOiJub25lIn0.e30."])
    func rubbishIsRefused(token: String) throws {
        #expect(try TokenSigner(seed: TokenSigner.randomSeed()).verify(token, now: now) == nil)
    }

    @Test func aPasswordIsKeptAsArgon2id() async throws {
        let hasher = try PasswordHasher()
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$argon2id$"))
        #expect(try await hasher.verify("correct horse", against: hash))
        #expect(try await !hasher.verify("correct horsf", against: hash))
    }

    @Test(arguments: [("x", "Ada", "long enough"), ("a@b.example", "", "long enough"), ("a@b.example", "Ada", "short")])
    func aRegistrationThatCannotBeIsRefused(email: String, name: String, password: String) {
        #expect(throws: (any Error).self) { try Registration(email: email, name: name, password: password).validate() }
    }
}
