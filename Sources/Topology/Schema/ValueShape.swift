/// What a value of the file may look like.
indirect enum ValueShape: Sendable {
    case text
    case textMatching(String)
    /// Any scalar, taken as it is written, or nothing.
    case scalar
    /// The key alone, or `null`.
    case nothing
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    case duration
    case size
    case choice([String])
    case list(ValueShape, atMost: Int?)
    case map(ValueShape, names: String)
    case object(any TopologyKey.Type)
    case either([ValueShape])

    static func list(_ shape: ValueShape) -> ValueShape { .list(shape, atMost: nil) }
    /// A command: one text, or its words.
    static let words = ValueShape.either([.text, .list(.text)])
    static func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> ValueShape where Choice.RawValue == String {
        .choice(type.allCases.map(\.rawValue))
    }
}
