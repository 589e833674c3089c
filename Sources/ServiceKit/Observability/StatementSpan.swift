import TraceStore
import Tracing

/// The span of an SQL statement, where it is part of something that is recorded.
enum StatementSpan {
    static func around<Result>(_ sql: String, _ body: () async throws -> Result) async throws -> Result {
        guard ServiceContext.current?.spanContext?.isSampled == true else { return try await body() }
        let (operation, table) = summary(of: sql)
        return try await withSpan(table.map { "\(operation) \($0)" } ?? operation, ofKind: .client) { span in
            if span.isRecording {
                // Without the parameters' values, which are the customers'.
                var attributes: SpanAttributes = [
                    "db.system.name": "postgresql", "db.operation.name": .string(operation), "db.query.text": .string(sql),
                ]
                if let table { attributes["db.collection.name"] = table }
                span.attributes = attributes
            }
            return try await body()
        }
    }

    /// What it does and to which table, for the name of a span: `INSERT orders`.
    static func summary(of sql: String) -> (operation: String, table: String?) {
        let words = sql.prefix(longestLook).split { $0.isWhitespace || $0 == "(" || $0 == ";" || $0 == "," }
        let operation = words.first.map { $0.uppercased() } ?? "SQL"
        let before: Set<String> =
            switch operation {
            case "INSERT": ["INTO"]
            case "UPDATE": ["UPDATE"]
            case "SELECT", "DELETE": ["FROM"]
            // With a table expression in front, the statement's own table stands after it somewhere: no guess.
            default: []
            }
        guard let place = words.firstIndex(where: { before.contains($0.uppercased()) }), place + 1 < words.count else {
            return (operation, nil)
        }
        let table = words[place + 1].filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        return (operation, table.isEmpty || table.uppercased() == "SELECT" ? nil : table)
    }

    private static let longestLook = 512
}
