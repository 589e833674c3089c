enum RestartKey: String, TopologyKey {
    case policy, backoff, limit, exceptions

    static let title = "restart rules"

    var shape: ValueShape {
        switch self {
        case .policy: .choice(RestartRules.Policy.self)
        case .backoff: .object(BackoffKey.self)
        case .limit: .object(RestartLimitKey.self)
        case .exceptions: .list(.object(RestartExceptionKey.self))
        }
    }

    var summary: String {
        switch self {
        case .policy: "always (if not given), on-failure (if not given and it is a one-shot or has a schedule) or never."
        case .backoff: "How the delays between restarts grow."
        case .limit: "How many restarts, before the instance has failed and waits for a person."
        case .exceptions: "What particular ends mean, before the policy."
        }
    }
}

enum BackoffKey: String, TopologyKey {
    case initial, factor, max

    static let title = "a backoff"

    var shape: ValueShape {
        switch self {
        case .initial, .max: .duration
        case .factor: .number(TopologyBounds.backoffFactor)
        }
    }

    var summary: String {
        switch self {
        case .initial: "Before the second restart in a row; the first is at once. 100ms if not given."
        case .factor: "By which each delay is longer than the one before; 2 if not given."
        case .max: "The longest delay; 30s if not given."
        }
    }
}

enum RestartLimitKey: String, TopologyKey {
    case restarts, within

    static let title = "a restart limit"

    var shape: ValueShape {
        switch self {
        case .restarts: .integer(TopologyBounds.restarts)
        case .within: .duration
        }
    }

    var summary: String {
        switch self {
        case .restarts: "10 if not given."
        case .within: "60s if not given."
        }
    }
}

enum RestartExceptionKey: String, TopologyKey {
    case on, then

    static let title = "an exception"
    static let required: [RestartExceptionKey] = [.on, .then]

    var shape: ValueShape {
        let end = ValueShape.either([.integer(TopologyBounds.exitStatus), .choice(EndName.all)])
        return switch self {
        case .on: .either([end, .list(end)])
        case .then: .choice(RestartException.Consequence.self)
        }
    }

    var summary: String {
        switch self {
        case .on: "Exit statuses, signals such as SEGV, and out-of-memory."
        case .then: "fail: it waits for a person. restart: whatever the policy. complete: it has done its work."
        }
    }
}
