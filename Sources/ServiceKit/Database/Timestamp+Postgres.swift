import Postgres

extension Timestamp: PostgresEncodable {
    var postgresValue: PostgresValue { .string(description) }
}
