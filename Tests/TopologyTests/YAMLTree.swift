/// A YAML file as a value, written in flow style with every text in quotes.
indirect enum YAMLTree: Equatable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    case text(String)
    case list([YAMLTree])
    case map([String: YAMLTree])

    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: YAMLTree...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, YAMLTree)...) { self = .map(Dictionary(elements) { $1 }) }

    var written: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .list(let entries): "[" + entries.map(\.written).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value.written)" }.joined(separator: ", ") + "}"
        }
    }

    /// The entries of both; where both have one that cannot be merged, the other's. Lists of one map each are merged as the maps are.
    func merged(with other: YAMLTree) -> YAMLTree {
        switch (self, other) {
        case (.map(let mine), .map(let others)): return .map(mine.merging(others) { $0.merged(with: $1) })
        case (.list(let mine), .list(let others)):
            guard mine.count == 1, others.count == 1, case .map = mine[0], case .map = others[0] else { return other }
            return [mine[0].merged(with: others[0])]
        default: return other
        }
    }

    /// A tree in which the value stands at the end of the way; `-` is the only entry of a list.
    static func at(_ way: [String], _ value: YAMLTree) -> YAMLTree {
        way.reversed().reduce(value) { inner, name in name == "-" ? [inner] : .map([name: inner]) }
    }
}
