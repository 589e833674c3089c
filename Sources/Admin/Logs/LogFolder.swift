import Glibc
import Supervision

/// The logs that there are: those of the instances that are declared, and those that former ones have left.
enum LogFolder {
    private static let suffix = ".log"
    /// More are not looked at: a folder of the supervisor's own has a few for each instance.
    private static let maximumEntries = 100_000

    /// - Parameter declared: as the supervisor knows them; their files need not be there yet.
    /// - Returns: in the order of service and instance.
    static func listing(declared: [LogFile], folder: String, _ selection: LogSelection) -> LogListing {
        let time = LogTimestamp.now
        var logs = declared.filter(selection.contains)
        let known = Set(logs.map(LogCursor.Key.init))
        logs += found(in: folder).filter { selection.contains($0) && !known.contains(LogCursor.Key($0)) }
        return LogListing(time: time, logs: logs.sorted { ($0.service, $0.instance) < ($1.service, $1.instance) })
    }

    private static func found(in folder: String) -> [LogFile] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var logs: [LogFile] = []
        for _ in 0..<maximumEntries {
            guard let entry = readdir(directory) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(suffix) else { continue }
            // `order.2.log`: what has no number is Signalbox's own.
            let stem = name.dropLast(suffix.count)
            guard let dot = stem.lastIndex(of: "."), let instance = Int(stem[stem.index(after: dot)...]), instance > 0 else { continue }
            logs.append(LogFile(service: String(stem[..<dot]), instance: instance, path: "\(folder)/\(name)"))
        }
        return logs
    }
}
