/// A binding as the broker has it: to a queue or to another exchange, perhaps with arguments.
package struct BrokerBinding: Sendable, Hashable {
    package var source: String
    package var destination: String
    package var isToExchange: Bool
    package var key: String
    package var arguments: [String: JSONScalar]

    package init(
        source: String, destination: String, isToExchange: Bool = false, key: String, arguments: [String: JSONScalar] = [:]
    ) {
        self.source = source
        self.destination = destination
        self.isToExchange = isToExchange
        self.key = key
        self.arguments = arguments
    }

    package init(_ declared: BrokerDeclaration.DeclaredBinding) {
        self.init(source: declared.exchange, destination: declared.queue, key: declared.key)
    }

    /// Nil for one that no topology can declare.
    package var declared: BrokerDeclaration.DeclaredBinding? {
        isToExchange || !arguments.isEmpty ? nil : .init(exchange: source, queue: destination, key: key)
    }

    /// The same from another exchange.
    func from(_ source: String) -> BrokerBinding {
        var copy = self
        copy.source = source
        return copy
    }

    /// The same to another destination of its kind.
    func to(_ destination: String) -> BrokerBinding {
        var copy = self
        copy.destination = destination
        return copy
    }

    /// Whether it can be made again from what is known of it: lists and tables among its arguments are not read.
    var isReproducible: Bool { !arguments.values.contains(.other) }
}

extension BrokerBinding: CustomStringConvertible {
    package var description: String { "binding of \(isToExchange ? "exchange " : "")\(destination) to \(source) by \"\(key)\"" }
}

extension BrokerBinding: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.destination, left.source, left.key, left.arguments.count)
            < (right.destination, right.source, right.key, right.arguments.count)
    }
}
