import Foundation
import ServiceKit

struct Registration: Decodable, Sendable {
    static let nameLengths = 1...100
    /// Bytes; the upper bound keeps hashing's cost bounded.
    static let passwordLengths = 8...256

    var email: String
    var name: String
    var password: String

    /// - Throws: a problem of status 422 that names every field that cannot be, never the password.
    func validate() throws {
        var mistakes: [String] = []
        if !EmailAddress.isValid(email) { mistakes.append("email is not an address, expected one such as ada@example.com") }
        if !Self.nameLengths.contains(name.count) {
            mistakes.append("name has \(name.count) characters, expected \(Self.nameLengths.lowerBound) to \(Self.nameLengths.upperBound)")
        }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { mistakes.append("name holds control characters") }
        if !Self.passwordLengths.contains(password.utf8.count) {
            mistakes.append(
                "password has \(password.utf8.count) bytes, expected \(Self.passwordLengths.lowerBound) to \(Self.passwordLengths.upperBound)"
            )
        }
        guard mistakes.isEmpty else {
            throw ServiceProblem(status: 422, title: "The user cannot be registered", detail: mistakes.joined(separator: "; "))
        }
    }
}

struct Login: Decodable, Sendable {
    var email: String
    var password: String
}

struct Token: ResponseEncodable, Sendable {
    var token: String
    var tokenType: String
    var expiresIn: Int

    enum CodingKeys: String, CodingKey {
        case token
        case tokenType = "token_type"
        case expiresIn = "expires_in"
    }
}

/// A user as the user sees it.
struct UserView: ResponseEncodable, Sendable {
    var userID: Int
    var email: String
    var name: String
    var createdAt: Date

    init(_ row: PostgresRow) throws {
        userID = try row.get("id")
        email = try row.get("email")
        name = try row.get("name")
        createdAt = try row.get("created_at")
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case email
        case name
        case createdAt = "created_at"
    }
}
