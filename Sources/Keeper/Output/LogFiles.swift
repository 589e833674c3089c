internal import CLinux
import Glibc

/// The open log files. Processes that name the same path write to the same one, so that it is rotated once.
final class LogFiles {
    private struct Reference {
        weak var file: LogFile?
    }

    private static let firstSweep = 64

    private var files: [String: Reference] = [:]
    /// How many names make it worth while to look for those of closed files.
    private var sweepCount = firstSweep
    /// Kept until they have told what was lost, though their process may be gone.
    private var lossy: [String: LogFile] = [:]

    var hasPendingLoss: Bool { !lossy.isEmpty }

    func open(_ path: String, policy: LogPolicy) throws(SystemError) -> LogFile {
        if let file = files[path]?.file {
            file.follow(policy)
            return file
        }
        let file = try LogFile(path: path, policy: policy)
        files[path] = Reference(file: file)
        if files.count > sweepCount {
            files = files.filter { $0.value.file != nil }
            sweepCount = max(files.count * 2, Self.firstSweep)
        }
        return file
    }

    func remember(_ file: LogFile) {
        lossy[file.path] = file
    }

    func tend(at time: timespec) {
        for reference in files.values { reference.file?.tend(at: time) }
        lossy = lossy.filter { $0.value.hasPendingLoss }
    }
}
