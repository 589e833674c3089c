/// One row of a result.
public struct PostgresRow: Sendable {
    let columns: PostgresColumns
    let cells: [String?]

    public var columnNames: [String] { columns.names }

    /// Reads a column.
    ///
    ///     let id: UUID = try row.get("id")
    ///     let note = try row.get("note", as: String?.self)
    ///
    /// Throws `.decoding` when there is no such column, when it is null and `T` is not an Optional, or when its text is not a `T`.
    public func get<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let index = columns.indices[column] else {
            throw PostgresError(
                .decoding, "the result has no column \"\(column)\"; it has \(columns.names.map { "\"\($0)\"" }.joined(separator: ", "))")
        }
        return try get(index, as: type)
    }

    /// Reads a column by its place, from 0.
    public func get<T: PostgresDecodable>(_ index: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard cells.indices.contains(index) else {
            throw PostgresError(.decoding, "the result has no column \(index); it has \(cells.count)")
        }
        guard let text = cells[index] else {
            guard let null = T.postgresNull else {
                throw PostgresError(.decoding, "the column \"\(columns.names[index])\" is null: read it as \(T.self)?")
            }
            return null
        }
        guard let value = T(postgresText: text) else {
            throw PostgresError(.decoding, "the column \"\(columns.names[index])\" cannot be read as \(T.self)")
        }
        return value
    }

    /// By the type the server says it has; nil when there is no such column.
    public subscript(_ column: String) -> PostgresValue? {
        columns.indices[column].map { PostgresValue(text: cells[$0], type: columns.types[$0]) }
    }
}

/// Shared by the rows of a result.
final class PostgresColumns: Sendable {
    let names: [String]
    let types: [UInt32]
    /// Of two columns of one name, the first.
    let indices: [String: Int]

    init(names: [String], types: [UInt32]) {
        self.names = names
        self.types = types
        indices = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }
}
