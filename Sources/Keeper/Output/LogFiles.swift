/// The open log files. Processes that name the same path write to the same one, so that it is rotated once.
final class LogFiles {
    private struct Reference {
        weak var file: LogFile?
    }

    private var files: [String: Reference] = [:]

    func open(_ path: String) throws(SystemError) -> LogFile {
        if let file = files[path]?.file { return file }
        files = files.filter { $0.value.file != nil }
        let file = try LogFile(path: path)
        files[path] = Reference(file: file)
        return file
    }
}
