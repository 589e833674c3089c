import FoundationEssentials
import Glibc
public import Logging
import TraceStore
import Tracing

/// Log lines as JSON on stdout, one object a line: time, level, message, service, instance, trace id, and the metadata.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let service: String
    private let instance: Int

    public init(service: String, instance: Int) {
        self.service = service
        self.instance = instance
    }

    /// A logger for the service, at the level that LOG_LEVEL names (trace, debug, info, notice, warning, error, critical; info by default).
    public static func logger(for environment: ServiceEnvironment) -> Logger {
        var handler = JSONLogHandler(service: environment.service, instance: environment.instance)
        if let level = environment.values["LOG_LEVEL"].flatMap({ Logger.Level(rawValue: $0.lowercased()) }) { handler.logLevel = level }
        return Logger(label: environment.service) { _ in handler }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields = metadataProvider?.get() ?? [:]
        fields.merge(metadata) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { fields["error"] = "\(error)" }
        Self.write(line(event, fields: fields, traceID: ServiceContext.current?.spanContext?.traceID.description, time: .now))
    }

    func line(_ event: LogEvent, fields: Logger.Metadata, traceID: String?, time: Timestamp) -> String {
        var text = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"message\":\(Self.quoted("\(event.message)"))"
        text += ",\"service\":\(Self.quoted(service)),\"instance\":\(instance)"
        if let traceID { text += ",\"trace_id\":\"\(traceID)\"" }
        if !fields.isEmpty {
            text += ",\"metadata\":\(Self.json(.dictionary(fields)))"
        }
        return text + "}\n"
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value as any BinaryInteger): "\(value)"
        case .stringConvertible(let value as Bool): "\(value)"
        case .stringConvertible(let value): quoted("\(value)")
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// One `write` a line, so that the lines of several threads do not mix; the rest of a partial write follows at once.
    private static func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress! + written, bytes.count - written)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
    }
}
