/// The built-in types that are not kept as plain text (pg_type.dat in PostgreSQL's source).
enum PostgresType: UInt32 {
    case bool = 16
    case bytea = 17
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case json = 114
    case float4 = 700
    case float8 = 701
    case uuid = 2950
    case jsonb = 3802
}
