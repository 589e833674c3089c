import HTTPTypes
import Hummingbird

/// One thing that the admin endpoint does. The router, the 405 answers and /openapi.json are all made from these.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Request, AdminRequestContext) async throws -> Response

    var method: HTTPRequest.Method
    /// With parameters in braces: `/v1/services/{name}`.
    var path: String
    var summary: String
    /// True: answered without a token.
    var isPublic = false
    /// Those of the query; the path's are read off it.
    var query: [QueryParameter] = []
    var requestBody: RequestBodyDescription?
    var answers: [Answer]
    /// The problems it may answer with besides those that every call may.
    var problems: [HTTPResponse.Status] = []
    var handle: Handler

    struct QueryParameter: Sendable {
        var name: String
        var description: String
        var schema: JSONValue
    }

    struct RequestBodyDescription: Sendable {
        var schema: JSONValue
        var example: JSONValue
        var isRequired = true
    }

    struct Answer: Sendable {
        var status: HTTPResponse.Status
        var description: String
        /// By media type.
        var content: [String: JSONValue]
        /// By name: what it says.
        var headers: [String: String] = [:]
    }

    /// The names in braces.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    func matches(path other: String) -> Bool {
        let pattern = path.split(separator: "/")
        let parts = other.split(separator: "/")
        return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
