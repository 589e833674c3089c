import DeadLetters
import HTTPTypes

extension Problem {
    init(_ error: DeadLetterError) {
        switch error.code {
        case .unknownQueue: self.init(.notFound, error.message, hint: "GET /v1/queues lists the queues there are.")
        case .notFound: self.init(.notFound, error.message, hint: "GET /v1/dead-letters lists those there are.")
        case .conflict: self.init(.conflict, error.message)
        case .invalid: self.init(.badRequest, error.message)
        case .notReady:
            self.init(.serviceUnavailable, error.message, hint: "GET /health/ready says what is missing.", retryAfter: 1)
        case .broker: self.init(.badGateway, error.message, hint: "GET /v1/services shows how the servers are.", retryAfter: 1)
        case .stateDirectory: self.init(.internalServerError, error.message)
        }
    }
}
