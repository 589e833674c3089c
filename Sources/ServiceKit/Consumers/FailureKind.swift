import FoundationEssentials
import Postgres

/// Whose fault it is that a handler failed.
enum FailureKind: Sendable, Equatable {
    /// The message's: it would fail again however often it is tried.
    case permanent
    /// Unknown: another attempt may succeed.
    case transient
    /// The database's, which is away or full: the message waits and has spent no attempt.
    case databaseAway
    /// Its time was over. Whether it is the message's fault or the database's shows when the database is asked.
    case timedOut

    static func of(_ error: any Error) -> FailureKind {
        switch error {
        case is ServiceProblem, is DecodingError: .permanent
        case let error as ServiceError where error.code == .invalidEvent: .permanent
        case let error as PostgresError where error.code == .timeout: .timedOut
        case let error as PostgresError where error.isDatabaseAway: .databaseAway
        default: .transient
        }
    }
}

extension PostgresError {
    /// SQLSTATE classes in which nothing is wrong with what was asked: connection exceptions, insufficient resources; and the server's
    /// stopping and starting.
    private static let awayClasses = ["08", "53"]
    private static let awayStates = ["57P01", "57P02", "57P03", "25006"]

    var isDatabaseAway: Bool {
        switch code {
        case .connectionLost, .cannotConnect, .commitUnknown, .timeout, .exhausted, .closed: true
        case .sqlState(let state): Self.awayStates.contains(state) || Self.awayClasses.contains { state.hasPrefix($0) }
        default: false
        }
    }
}
