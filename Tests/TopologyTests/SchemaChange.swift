@testable import Topology

/// One key of the schema, and two files that differ in it alone.
struct SchemaChange: CustomStringConvertible {
    /// The names from the top of the schema to the key; `*` is any name, `-` any entry of a list.
    let path: [String]
    let before: YAMLTree
    let after: YAMLTree

    var name: String { path.joined(separator: ".") }
    var description: String { "\(name)\n  \(before.written)\n  \(after.written)" }

    private init(path: [String], shape: ValueShape) {
        self.path = path
        let key = path[path.count - 1]
        let way = path.indices.dropLast().map { path[$0] == "*" ? SchemaSamples.name(in: path[$0 - 1]) : path[$0] }
        let (first, second) = SchemaSamples.values(of: shape, at: path)
        let surroundings = SchemaSamples.surroundings(of: path)
        before = surroundings.merged(with: .at(way + [key], first))
        // A key with one value only changes by making room for another.
        after = surroundings.merged(with: .at(way, second.map { .map([key: $0]) } ?? SchemaSamples.alternative(to: path)))
    }

    /// Every key of every table that the schema is made of, once for each way in which its value may be written.
    static let all = changes(of: FileKey.self, at: [])

    private static func changes<Key: TopologyKey>(of type: Key.Type, at path: [String]) -> [SchemaChange] {
        type.allCases.flatMap { changes(of: $0.shape, at: path + [$0.rawValue]) }
    }

    private static func changes(of shape: ValueShape, at path: [String]) -> [SchemaChange] {
        switch shape {
        case .object(let type): changes(of: type, at: path)
        case .map(.object(let type), _): changes(of: type, at: path + ["*"])
        case .list(.object(let type), _): changes(of: type, at: path + ["-"])
        case .either(let shapes): shapes.flatMap { changes(of: $0, at: path) }
        case .list(.either(let shapes), let most): shapes.flatMap { changes(of: .list($0, atMost: most), at: path) }
        case .map(.either(let shapes), let names): shapes.flatMap { changes(of: .map($0, names: names), at: path) }
        case .map(.nothing, _): []
        default: [SchemaChange(path: path, shape: shape)]
        }
    }
}
