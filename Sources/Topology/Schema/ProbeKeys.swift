enum ProbeKey: String, TopologyKey {
    case http, tcp, unix, exec, notify, amqp, postgres, redis, period, timeout, jitter
    case failureThreshold = "failure_threshold"
    case successThreshold = "success_threshold"
    case initialDelay = "initial_delay"

    static let title = "a probe"
    static let checks: [ProbeKey] = [.http, .tcp, .unix, .exec, .notify, .amqp, .postgres, .redis]

    var shape: ValueShape {
        switch self {
        case .http: .textMatching("^/")
        case .tcp, .amqp, .postgres, .redis: .either([.boolean, .text])
        case .notify: .boolean
        case .unix: .text
        case .exec: .words
        case .period, .timeout, .initialDelay: .duration
        case .jitter: .number(TopologyBounds.jitter)
        case .failureThreshold, .successThreshold: .integer(TopologyBounds.threshold)
        }
    }

    var summary: String {
        switch self {
        case .http: "The path of a GET on the instance's own port; a status from 200 to 399 is a success."
        case .tcp: "A connection is a success: true to the instance's own port, or to a host:port."
        case .unix: "A connection to a Unix socket; a relative path begins in the working directory."
        case .exec: "A command that ends with status 0."
        case .notify: "true: the instance says READY=1 on its NOTIFY_SOCKET."
        case .amqp: "A RabbitMQ answers: true on the instance's own port, or at host:port or unix:path."
        case .postgres: "A PostgreSQL takes connections: true on the instance's own port, or at host:port or unix:path."
        case .redis: "A Redis answers PING: true on the instance's own port, or at host:port or unix:path."
        case .period: "From one check to the next, at least 100ms; 1s if not given."
        case .timeout: "For one check; 1s if not given."
        case .jitter: "The part of the period by which a check may come earlier or later, from 0 to 1; 0.1 if not given."
        case .failureThreshold: "So many failures in a row count; 3 if not given."
        case .successThreshold: "So many successes in a row count; 1 if not given."
        case .initialDelay: "Before the first check."
        }
    }
}
