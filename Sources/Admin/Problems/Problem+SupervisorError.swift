import HTTPTypes
import Supervision
import Topology

extension Problem {
    init(_ error: SupervisorError) {
        switch error.code {
        case .unknownService:
            self.init(.notFound, error.message, hint: "GET /v1/services lists the services there are.")
        case .unknownQueue:
            self.init(.notFound, error.message, hint: "GET /v1/queues lists the queues there are.")
        case .invalidCount(let allowed):
            self.init(
                .unprocessableContent, error.message,
                hint:
                    "Ask for \(allowed.lowerBound) to \(allowed.upperBound), or change the service's scale in topology.yaml and apply it.",
                extensions: ["minimum": .number(allowed.lowerBound), "maximum": .number(allowed.upperBound)])
        case .invalidTopology(let mistakes):
            self.init(
                .unprocessableContent, error.message, hint: "Correct the file and try again. Nothing has been changed.",
                extensions: ["mistakes": .array(mistakes.map(JSONValue.init))])
        case .unreadableTopology:
            self.init(
                .unprocessableContent, error.message, hint: "Put the file back, readable by Signalbox's user. Nothing has been changed.")
        case .notReady:
            self.init(.serviceUnavailable, error.message, hint: "GET /health/ready says what is missing.", retryAfter: 1)
        case .conflict:
            self.init(.conflict, error.message)
        case .invalidExecutable:
            self.init(
                .unprocessableContent, error.message, hint: "Name an executable signalbox that runs on this host. Nothing has been changed."
            )
        case .broker, .database:
            self.init(.badGateway, error.message, hint: "GET /v1/services shows how the servers are.", retryAfter: 1)
        case .stateDirectory, .keeper:
            self.init(.internalServerError, error.message)
        }
    }
}

extension JSONValue {
    fileprivate init(_ mistake: TopologyMistake) {
        self = [
            "file": .string(mistake.file), "line": .number(mistake.line), "column": .number(mistake.column),
            "message": .string(mistake.message),
        ]
    }
}
