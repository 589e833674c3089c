import CPostgres

/// The outcome of one statement, or the last one of a script.
struct PostgresResult: Sendable {
    var rows: [PostgresRow] = []
    var affectedRows = 0
    /// What the server says it did: "INSERT 0 1", "COMMIT", "ROLLBACK".
    var commandTag = ""

    init() {}

    /// Copies everything out of `result`, which stays the caller's to clear.
    init(_ result: OpaquePointer) {
        commandTag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        affectedRows = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        let width = PQnfields(result)
        let height = PQntuples(result)
        guard width > 0 && height > 0 else { return }
        let columns = PostgresColumns(
            names: (0..<width).map { PQfname(result, $0).map { String(cString: $0) } ?? "" },
            types: (0..<width).map { PQftype(result, $0) })
        rows.reserveCapacity(Int(height))
        for row in 0..<height {
            rows.append(PostgresRow(columns: columns, cells: (0..<width).map { Self.cell(result, row, $0) }))
        }
    }

    private static func cell(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> String? {
        guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(result, row, column)))
        return String(decoding: bytes, as: UTF8.self)
    }
}
