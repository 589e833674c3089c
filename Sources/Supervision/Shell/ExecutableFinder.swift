import Glibc

/// Finds a command as a shell would: through PATH, or from the working directory where it has a slash.
enum ExecutableFinder {
    /// What keeps it from being started, for a person.
    struct NotFound: Error, Equatable {
        var message: String
    }

    /// - Returns: an absolute path.
    static func find(_ command: String, path: String, workingDirectory: String) throws(NotFound) -> String {
        guard !command.isEmpty else { throw NotFound(message: "the command is empty") }
        if command.contains("/") {
            let file = command.hasPrefix("/") ? command : "\(workingDirectory)/\(command)"
            switch kind(of: file) {
            case .executable: return file
            case .other: throw NotFound(message: "\(file) is not an executable file; chmod +x it, or correct the service's command")
            case .missing: throw NotFound(message: "\(file) does not exist; correct the service's command")
            }
        }
        var found: String?
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let file = "\(folder)/\(command)"
            switch kind(of: file) {
            case .executable: return file
            case .other: found = found ?? file
            case .missing: break
            }
        }
        if let found { throw NotFound(message: "\(found) is not an executable file; chmod +x it, or correct the service's command") }
        throw NotFound(message: "command not found: \(command) (looked in \(path))")
    }

    private enum Kind { case executable, other, missing }

    private static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0 ? .executable : .other
    }
}
