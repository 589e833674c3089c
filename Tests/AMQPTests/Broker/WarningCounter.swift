import Logging
import Synchronization

/// A log of which only the number of warnings and errors is kept.
final class WarningCounter: Sendable {
    private let warnings = Mutex(0)

    var count: Int { warnings.withLock { $0 } }

    var logger: Logger { Logger(label: "amqp.tests") { _ in Handler(counter: self) } }

    private struct Handler: LogHandler {
        let counter: WarningCounter
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            counter.warnings.withLock { $0 += 1 }
        }
    }
}
