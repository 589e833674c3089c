import CPostgres

extension PostgresError {
    /// States in which the server ends the connection itself: it is being stopped, or a process of it crashed.
    private static let connectionEnding: Set<String> = ["57P01", "57P02", "57P03"]

    /// From a failed result. DETAIL and CONTEXT are left out: they hold users' data.
    init(result: OpaquePointer) {
        // The codes of PG_DIAG_… in postgres_ext.h are characters, which Swift does not import.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        let primary = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? "the database gave no reason"
        guard let state = field("C") else {
            // An error that libpq made itself.
            self.init(.connectionLost, primary)
            return
        }
        if Self.connectionEnding.contains(state) || state.hasPrefix("08") {
            self.init(.connectionLost, "the database ended the connection: \(primary)")
        } else {
            let hint = field("H").map { " (\($0))" } ?? ""
            self.init(.sqlState(state), primary + hint, constraint: field("n"))
        }
    }
}
