import Foundation
import HTTPClient

/// One call of RabbitMQ's management API at a time, with its errors made plain.
struct ManagementAPI: Sendable {
    static let requestTimeout: Duration = .seconds(10)

    let url: ManagementURL
    let user: String
    private let authorization: String
    private let client = HTTPClient()

    init(url: ManagementURL, user: String, password: String) {
        self.url = url
        self.user = user
        authorization = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    /// `path("queues", "shop", "a b")` is `/api/queues/shop/a%20b`.
    static func path(_ parts: String...) -> String {
        "/api/" + parts.map(percentEncoded).joined(separator: "/")
    }

    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    func get<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws(BrokerError) -> Answer {
        try decode(try await call("GET", path), of: path)
    }

    /// Nil where the API says 404.
    func find<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws(BrokerError) -> Answer? {
        do {
            return try await get(path)
        } catch  where error.code == .notFound {
            return nil
        }
    }

    func put(_ path: String, _ body: some Encodable) async throws(BrokerError) {
        _ = try await call("PUT", path, encode(body))
    }

    func post<Answer: Decodable>(_ path: String, _ body: some Encodable, as type: Answer.Type = Answer.self) async throws(BrokerError)
        -> Answer
    {
        try decode(try await call("POST", path, encode(body)), of: path)
    }

    /// What is not there need not be deleted.
    func delete(_ path: String) async throws(BrokerError) {
        do {
            _ = try await call("DELETE", path)
        } catch  where error.code == .notFound {}
    }

    func call(_ method: String, _ path: String, _ body: [UInt8] = [], timeout: Duration = requestTimeout) async throws(BrokerError)
        -> [UInt8]
    {
        var request = HTTPClient.Request(method: method, path: url.prefix + path, body: body, timeout: timeout)
        request.headers = [("Authorization", authorization), ("Content-Type", "application/json")]
        let response: HTTPClient.Response
        do {
            response = try await client.send(request, to: url.address)
        } catch {
            throw BrokerError(.unreachable, "RabbitMQ's management API does not answer: \(error.message)", underlying: error)
        }
        switch response.status {
        case 200..<300: return response.body
        case 401, 403:
            throw BrokerError(
                .unauthorized,
                "RabbitMQ's management API at \(url.address) refuses the user \"\(user)\" for \(method) \(path): \(Self.reason(response)); "
                    + "the user needs the right password and the tag administrator")
        case 404:
            throw BrokerError(.notFound, "RabbitMQ knows no \(path)")
        default:
            throw BrokerError(
                .rejected(status: response.status), "RabbitMQ answered \(method) \(path) with \(response.status): \(Self.reason(response))")
        }
    }

    /// What the API says of an error, shortened.
    private static func reason(_ response: HTTPClient.Response) -> String {
        struct Problem: Decodable { var reason: JSONScalar? }
        if case .string(let text)? = (try? JSONDecoder().decode(Problem.self, from: Data(response.body)))?.reason { return text }
        return String(response.text.prefix(200))
    }

    func encode(_ body: some Encodable) throws(BrokerError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(body))
        } catch {
            throw BrokerError(.invalidAnswer, "cannot be written as JSON: \(error)", underlying: error)
        }
    }

    private func decode<Answer: Decodable>(_ body: [UInt8], of path: String) throws(BrokerError) -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(body))
        } catch {
            throw BrokerError(.invalidAnswer, "RabbitMQ's answer to \(path) is not as expected: \(error)", underlying: error)
        }
    }
}
