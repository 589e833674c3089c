/// What a service says of itself before it runs.
struct Registrations: Sendable {
    typealias Answer = @Sendable (BusRequest) async throws -> BusReply
    typealias Background = @Sendable () async throws -> Void

    var migrations: [Migration] = []
    /// By queue, then by event type.
    private(set) var handlers: [String: [String: EventHandler]] = [:]
    private(set) var answers: [String: Answer] = [:]
    var backgrounds: [(name: String, body: Background)] = []
    private var mistakes: [String] = []

    mutating func add(_ handler: EventHandler, to queue: String) {
        if handlers[queue, default: [:]].updateValue(handler, forKey: handler.type) != nil {
            mistakes.append("Queue '\(queue)' has two handlers for '\(handler.type)'.")
        }
    }

    mutating func add(_ answer: @escaping Answer, answering queue: String) {
        if answers.updateValue(answer, forKey: queue) != nil { mistakes.append("Queue '\(queue)' is answered twice.") }
    }

    /// - Throws: `ServiceError` with the first thing that cannot work.
    func validate(in environment: ServiceEnvironment, hasBroker: Bool? = nil) throws(ServiceError) {
        if let mistake = mistakes.first { throw ServiceError(.invalidSetUp, mistake) }
        if let queue = Set(handlers.keys).intersection(answers.keys).sorted().first {
            throw ServiceError(
                .invalidSetUp, "Queue '\(queue)' has both handlers of events and an answer to requests; give each its own queue.")
        }
        let queues = Set(handlers.keys).union(answers.keys).sorted()
        if let queue = queues.first, !(hasBroker ?? (environment.amqpURL != nil)) {
            throw ServiceError(
                .missingDependency,
                "Service '\(environment.service)' reads queue '\(queue)' but AMQP_URL is not set. Add 'broker' to its depends_on in topology.yaml."
            )
        }
        if let queue = handlers.keys.sorted().first, environment.databaseURL == nil {
            throw ServiceError(
                .missingDependency,
                "Service '\(environment.service)' handles events of queue '\(queue)' once each, for which it needs a database; DATABASE_URL is not set. Add 'database' to its depends_on in topology.yaml."
            )
        }
        if !migrations.isEmpty, environment.databaseURL == nil {
            throw ServiceError(
                .missingDependency,
                "Service '\(environment.service)' has migrations but no database: DATABASE_URL is not set. Add 'database' to its depends_on in topology.yaml."
            )
        }
        if let declared = environment.queues, let queue = queues.first(where: { declared[$0] == nil }) {
            let names = declared.keys.sorted().joined(separator: ", ")
            throw ServiceError(
                .unknownQueue,
                "Queue '\(queue)' is not one of service '\(environment.service)' (\(names.isEmpty ? "it has none" : names)). Declare it in topology.yaml with 'consumer: \(environment.service)'."
            )
        }
    }
}
