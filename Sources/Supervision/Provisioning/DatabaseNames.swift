/// What things are called in PostgreSQL.
enum DatabaseNames {
    /// Bytes; PostgreSQL cuts off the rest.
    static let maximumLength = 63

    static func database(of topology: String) -> String {
        let name = String(
            String.UnicodeScalarView(
                topology.unicodeScalars.map { scalar in
                    ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" ? scalar : "_"
                }.prefix(maximumLength)))
        return ["postgres", "template0", "template1"].contains(name) ? "\(name)_topology" : name
    }

    /// A service's role and schema. Names that begin with `pg_` are PostgreSQL's own, and `postgres` is the superuser's.
    static func role(of service: String) -> String {
        service == "postgres" || service == "public" || service.hasPrefix("pg_") ? "service_\(service)" : service
    }

    static func quoted(_ identifier: String) -> String { "\"" + doubling("\"", in: identifier) + "\"" }

    /// For statements that take no parameters, such as CREATE ROLE.
    static func literal(_ text: String) -> String { "'" + doubling("'", in: text) + "'" }

    private static func doubling(_ quote: Character, in text: String) -> String {
        text.reduce(into: "") { result, character in
            if character == quote { result.append(quote) }
            result.append(character)
        }
    }
}
