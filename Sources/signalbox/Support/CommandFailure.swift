import Glibc

/// Why a command ends without having done its work: told on standard error, and by the exit status.
struct CommandFailure: Error {
    /// Documented in `signalbox --help`.
    static let failed: Int32 = 1
    static let configuration: Int32 = 78

    /// What happened, to what, and what to do.
    var message: String
    var status: Int32
    /// Nobody answered; asked again later, somebody may.
    var isOfConnection: Bool

    init(_ message: String, status: Int32 = failed, isOfConnection: Bool = false) {
        self.message = message
        self.status = status
        self.isOfConnection = isOfConnection
    }
}
