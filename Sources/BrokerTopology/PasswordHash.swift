import Foundation

/// RabbitMQ's stored form of a password: base64 of a salt of 4 bytes and the SHA-256 of salt and password
/// (https://www.rabbitmq.com/passwords.html).
enum PasswordHash {
    static let algorithm = "rabbit_password_hashing_sha256"
    private static let saltLength = 4

    static func matches(_ password: String, hash: String, algorithm: String) -> Bool {
        guard algorithm == Self.algorithm, let stored = Data(base64Encoded: hash), stored.count == saltLength + 32 else { return false }
        return make(password, salt: Array(stored.prefix(saltLength))) == hash
    }

    static func make(_ password: String, salt: [UInt8]) -> String {
        Data(salt + SHA256.digest(of: salt + Array(password.utf8))).base64EncodedString()
    }
}
