import HTTPTypes
import Hummingbird

/// The OpenAPI 3.1 description of the endpoints, made from the endpoints themselves.
struct OpenAPIDescription: Sendable {
    let document: JSONValue

    init(endpoints: [Endpoint], version: String) {
        let described = endpoints + [Self.endpoint(answering: .null)]
        let paths = Dictionary(grouping: described, by: \.path).mapValues { endpoints in
            JSONValue.object(
                Dictionary(endpoints.map { ($0.method.rawValue.lowercased(), Self.operation($0)) }) { first, _ in first })
        }
        document = [
            "openapi": "3.1.0",
            "info": [
                "title": "Signalbox admin endpoint", "version": .string(version),
                "description":
                    "Over TCP with the token in the state directory's admin.token; over the Unix socket admin.sock without one, for its owner and root.",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(OpenAPISchemas.all),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    var endpoint: Endpoint { Self.endpoint(answering: document) }

    private static func endpoint(answering document: JSONValue) -> Endpoint {
        Endpoint(
            method: .get, path: "/openapi.json", summary: "This description", isPublic: true,
            answers: [.json(.ok, "An OpenAPI 3.1 document.", ["type": "object"])]
        ) { _, _ in
            Response(json: document)
        }
    }

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        var members: [String: JSONValue] = ["summary": .string(endpoint.summary), "responses": .object(responses(of: endpoint))]
        let path = endpoint.pathParameters.map {
            JSONValue.object(["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]])
        }
        let query = endpoint.query.map {
            JSONValue.object(["name": .string($0.name), "in": "query", "description": .string($0.description), "schema": $0.schema])
        }
        if !(path + query).isEmpty { members["parameters"] = .array(path + query) }
        if let body = endpoint.requestBody {
            members["requestBody"] = [
                "required": .bool(body.isRequired), "content": ["application/json": ["schema": body.schema, "example": body.example]],
            ]
        }
        if !endpoint.isPublic { members["security"] = [["token": []]] }
        return .object(members)
    }

    private static func responses(of endpoint: Endpoint) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in endpoint.answers {
            var members: [String: JSONValue] = [
                "description": .string(answer.description), "content": .object(answer.content.mapValues { ["schema": $0] }),
            ]
            if !answer.headers.isEmpty {
                members["headers"] = .object(
                    answer.headers.mapValues { ["description": .string($0), "schema": ["type": "string"]] })
            }
            responses[String(answer.status.code)] = .object(members)
        }
        let always: [HTTPResponse.Status] =
            (endpoint.isPublic ? [] : [.unauthorized, .forbidden]) + [.misdirectedRequest, .internalServerError]
        for status in endpoint.problems + always where responses[String(status.code)] == nil {
            responses[String(status.code)] = [
                "description": .string(status.reasonPhrase),
                "content": ["application/problem+json": ["schema": .reference("Problem")]],
            ]
        }
        return responses
    }
}
