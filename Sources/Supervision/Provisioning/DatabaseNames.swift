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

    /// In a database that is not ours alone, where a role of the service's plain name may be somebody else's.
    static func role(of service: String, in topology: String) -> String {
        let name = "\(topology)_\(service)"
        guard name.utf8.count > maximumLength || name.hasPrefix("pg_") else { return name }
        return "s_\(name.prefix(maximumLength - 19))_\(Fingerprint.of([topology, service]))"
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
