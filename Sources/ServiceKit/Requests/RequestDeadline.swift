import AMQP

/// When nobody waits for a request's answer any more.
enum RequestDeadline {
    /// Unix milliseconds, set by the gateway.
    static let header = "signalbox-deadline"
    /// Of a request that names neither a deadline nor an expiration, counted from its arrival.
    static let fallback: Duration = .seconds(30)
    /// No request is given longer, whatever it asks for.
    static let longest: Duration = .seconds(600)

    /// What is left of the request's time; zero or less: it is too late.
    static func remaining(_ properties: AMQPProperties, now: Timestamp) -> Duration {
        if let deadline = properties.headers[header]?.int {
            let (rest, isOverflow) = deadline.subtractingReportingOverflow(now.milliseconds)
            return isOverflow ? .zero : min(.milliseconds(rest), longest)
        }
        guard let expiration = properties.expiration else { return fallback }
        guard let sent = properties.timestamp else { return min(expiration, longest) }
        // The timestamp is in whole seconds: the benefit of the doubt is the asker's.
        return min(expiration + .seconds(sent) + .seconds(1) - .milliseconds(now.milliseconds), longest)
    }
}
