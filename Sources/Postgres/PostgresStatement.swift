/// What one session is to do: a statement with parameters, or (`parameters` nil) a script of several without.
struct PostgresStatement: Sendable, Equatable {
    var sql: String
    var parameters: [String?]?

    static let maximumParameters = 65_535

    init(sql: String, parameters: [any PostgresEncodable]?) throws(PostgresError) {
        guard (parameters?.count ?? 0) <= Self.maximumParameters else {
            throw PostgresError(.encoding, "a statement has at most \(Self.maximumParameters) parameters: send arrays and unnest() them")
        }
        self.sql = sql
        self.parameters = parameters?.map(\.postgresValue.text)
        // A C string would end there.
        guard !sql.utf8.contains(0), !(self.parameters ?? []).contains(where: { $0?.utf8.contains(0) ?? false }) else {
            throw PostgresError(.encoding, "PostgreSQL's text cannot hold a NUL character: use bytea for such values")
        }
    }

    /// One of our own.
    init(_ sql: StaticString) {
        self.sql = "\(sql)"
        parameters = []
    }
}
