import CPostgres
import Glibc

/// A `PGconn`, finished when this is gone.
struct ConnectionHandle: ~Copyable {
    let pointer: OpaquePointer

    /// Begins to connect, without waiting. Nil when memory is short.
    init?(keywords: [(String, String)]) {
        let names = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { (names + values).forEach { free($0) } }
        let constantNames = names.map { UnsafePointer<CChar>($0) } + [nil]
        let constantValues = values.map { UnsafePointer<CChar>($0) } + [nil]
        guard let pointer = PQconnectStartParams(constantNames, constantValues, 0) else { return nil }
        self.pointer = pointer
        // The default would print the server's notices on our standard error.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        // So that the message about a refused connection holds the SQLSTATE.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    }

    deinit {
        PQfinish(pointer)
    }

    var descriptor: Int32 { PQsocket(pointer) }

    var errorMessage: String {
        PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
    }
}
