import Tracing

/// A span's attributes as they are kept: so many, and none of them longer than it may be.
package struct SpanAttributeList: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    static let maximumCount = 32
    /// Bytes of a value's text; a list of texts has as many in all.
    static let longestValue = 1024

    package struct Entry: Sendable, Equatable {
        package let name: String
        package let value: SpanValue
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, SpanValue)...) {
        entries.reserveCapacity(elements.count)
        for (name, value) in elements { add(name, value) }
    }

    init(_ attributes: SpanAttributes) {
        entries.reserveCapacity(attributes.count)
        attributes.forEach { name, attribute in
            if let value = SpanValue(attribute) { add(name, value) }
        }
    }

    package mutating func add(_ name: String, _ value: SpanValue) {
        guard entries.count < Self.maximumCount else { return }
        entries.append(Entry(name: name.limited(to: Self.longestValue), value: Self.limited(value)))
    }

    var weight: Int { entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.weight + Self.entryWeight } }

    private static let entryWeight = 48

    private static func limited(_ value: SpanValue) -> SpanValue {
        switch value {
        case .string(let text): return .string(text.limited(to: longestValue))
        case .strings(let texts):
            var left = longestValue
            return .strings(
                texts.prefix(maximumCount).map { text in
                    let short = text.limited(to: left)
                    left -= short.utf8.count
                    return short
                })
        case .int, .double, .bool: return value
        }
    }
}

extension String {
    /// Cut at whole characters so that it has at most so many bytes of UTF-8, and an ellipsis in place of the rest.
    func limited(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: max(0, bytes - 3))
        while end > startIndex, end.samePosition(in: self) == nil { utf8.formIndex(before: &end) }
        return bytes < 3 ? "" : self[..<end] + "…"
    }
}
