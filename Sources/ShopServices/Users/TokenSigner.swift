import CSodium
import Foundation
import ServiceKit

/// Signs and checks JSON Web Tokens (RFC 7519) with Ed25519 (RFC 8037), by libsodium.
struct TokenSigner: Sendable {
    struct Claims: Codable, Equatable, Sendable {
        var issuer: String
        var subject: String
        var issuedAt: Int
        var expiresAt: Int

        enum CodingKeys: String, CodingKey {
            case issuer = "iss"
            case subject = "sub"
            case issuedAt = "iat"
            case expiresAt = "exp"
        }
    }

    private struct Header: Codable {
        var alg: String
        var typ: String
        var kid: String
    }

    static let issuer = "signalbox-shop"
    static let maximumTokenLength = 4096
    static let seedBytes = 32

    private let publicKey: [UInt8]
    private let secretKey: [UInt8]
    /// RFC 7638's thumbprint would do as well; the first half of the public key is shorter and as unique.
    let keyID: String

    /// - Parameter seed: 32 random bytes, kept secret.
    init(seed: [UInt8]) throws {
        guard sodium_init() >= 0 else { throw CryptographyError(message: "libsodium could not be set up: no source of randomness") }
        guard seed.count == Self.seedBytes else { throw CryptographyError(message: "a signing key's seed is \(Self.seedBytes) bytes") }
        var publicKey = [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES))
        var secretKey = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
        guard crypto_sign_seed_keypair(&publicKey, &secretKey, seed) == 0 else {
            throw CryptographyError(message: "libsodium could not make a key pair of the seed")
        }
        self.publicKey = publicKey
        self.secretKey = secretKey
        keyID = Base64URL.encode(Array(publicKey.prefix(16)))
    }

    static func randomSeed() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<seedBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    func sign(_ claims: Claims) throws -> String {
        let header = try JSONEncoder().encode(Header(alg: "EdDSA", typ: "JWT", kid: keyID))
        let payload = try JSONEncoder().encode(claims)
        let signed = "\(Base64URL.encode(Array(header))).\(Base64URL.encode(Array(payload)))"
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
        let bytes = Array(signed.utf8)
        guard crypto_sign_detached(&signature, nil, bytes, UInt64(bytes.count), secretKey) == 0 else {
            throw CryptographyError(message: "libsodium could not sign")
        }
        return "\(signed).\(Base64URL.encode(signature))"
    }

    /// - Returns: nil unless the token is ours, whole and in time.
    func verify(_ token: String, now: Date) -> Claims? {
        guard token.utf8.count <= Self.maximumTokenLength else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]), signature.count == Int(crypto_sign_BYTES),
            let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(headerBytes)), header.alg == "EdDSA", header.kid == keyID
        else { return nil }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard crypto_sign_verify_detached(signature, signed, UInt64(signed.count), publicKey) == 0,
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(payload)), claims.issuer == Self.issuer,
            claims.expiresAt > Int(now.timeIntervalSince1970)
        else { return nil }
        return claims
    }

    /// The public key as a JSON Web Key Set (RFC 7517), for whoever checks tokens.
    var keySet: KeySet {
        KeySet(keys: [.init(kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA", kid: keyID, x: Base64URL.encode(publicKey))])
    }

    struct KeySet: ResponseEncodable, Sendable {
        struct Key: Encodable, Sendable {
            var kty, crv, use, alg, kid, x: String
        }
        var keys: [Key]
    }
}

/// RFC 4648's base64url without padding.
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") }) else { return nil }
        let standard = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)).map(Array.init)
    }
}
