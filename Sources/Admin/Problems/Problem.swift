import HTTPTypes
import Hummingbird

/// An answer that says what went wrong and what to do: a problem document of RFC 9457.
struct Problem: HTTPResponseError {
    var status: HTTPResponse.Status
    /// What happened, to what.
    var detail: String
    /// What to do about it.
    var hint: String?
    /// The value of WWW-Authenticate.
    var challenge: String?
    /// The value of Allow.
    var allow: String?
    /// Seconds after which asking again may help.
    var retryAfter: Int?
    /// Members beyond those of the RFC.
    var extensions: [String: JSONValue]

    init(
        _ status: HTTPResponse.Status, _ detail: String, hint: String? = nil, challenge: String? = nil, allow: String? = nil,
        retryAfter: Int? = nil, extensions: [String: JSONValue] = [:]
    ) {
        self.status = status
        self.detail = detail
        self.hint = hint
        self.challenge = challenge
        self.allow = allow
        self.retryAfter = retryAfter
        self.extensions = extensions
    }

    var document: JSONValue {
        var members = extensions
        members["type"] = "about:blank"
        members["title"] = .string(status.reasonPhrase)
        members["status"] = .number(status.code)
        members["detail"] = .string(detail)
        if let hint { members["hint"] = .string(hint) }
        return .object(members)
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        var response = Response(json: document, status: status, contentType: "application/problem+json")
        if let challenge { response.headers[.wwwAuthenticate] = challenge }
        if let allow { response.headers[.allow] = allow }
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }
}
