public import ServiceKit

/// Somebody has an account now.
public struct UserRegistered: Event {
    public static let type = "user.registered"

    public var userID: Int
    public var email: String
    public var name: String

    public var subject: String { "user-\(userID)" }

    public init(userID: Int, email: String, name: String) {
        self.userID = userID
        self.email = email
        self.name = name
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case email
        case name
    }
}
