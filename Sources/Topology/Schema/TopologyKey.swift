/// The keys of one kind of map in the file. The decoder takes values by these, refuses all others, and the JSON Schema lists them: one
/// table for all three.
protocol TopologyKey: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String, AllCases == [Self] {
    /// What the map is, for a person: `a service`.
    static var title: String { get }
    static var required: [Self] { get }
    var shape: ValueShape { get }
    /// One sentence for an editor to show.
    var summary: String { get }
}

extension TopologyKey {
    static var required: [Self] { [] }
}
