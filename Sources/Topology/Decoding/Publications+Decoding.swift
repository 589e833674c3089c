import Yams

/// What stands in a service's `publishes`: exchanges, each alone or with the event types that are published there.
struct Publications {
    var exchanges: [String] = []
    var events: [String: [String]] = [:]

    init() {}

    init(from field: Field) {
        let expected = "exchanges, or of { exchange: …, events: [order.created] }"
        for entry in field.list(of: expected) {
            let exchange: Field?
            var types: [String]?
            if entry.isMap {
                let reader = ObjectReader(entry, PublicationKey.self)
                exchange = reader[.exchange]
                types = reader[.events].map(Self.eventTypes) ?? []
            } else {
                exchange = entry
            }
            guard let exchange, let name = exchange.nonemptyString(expected: "an exchange") else { continue }
            guard !exchanges.contains(name) else {
                exchange.report("\"\(name)\" stands twice in this list; keep one of them")
                continue
            }
            exchanges.append(name)
            events[name] = types
        }
    }

    private static func eventTypes(_ field: Field) -> [String] {
        let types = field.strings(of: "event types")
        if field.isList, field.node.sequence?.isEmpty == true {
            field.report(
                "found an empty list, expected event types such as [order.created]; name the exchange alone where they are not known")
        }
        for (index, type) in types.enumerated() where !RoutingKey.isEventType(type) {
            field.log.report(
                "found \"\(type)\", expected an event type: words of letters, digits, \"-\" and \"_\" with a dot between them, such as order.created",
                ofValueAt: field.path / index)
        }
        return types
    }
}
