internal import CLinux
import Glibc

/// The keeper's part of the state directory, held by one keeper at a time.
final class StateDirectory {
    /// So that the Unix sockets in it stay below the kernel's 107 bytes.
    static let maximumPath = 80

    let path: String
    let logs: String
    /// The same for every keeper of this directory: in names of cgroups and in tokens.
    let name: String
    private let lock: Descriptor

    var run: String { path + "/run" }
    var record: String { run + "/keeper.json" }

    init(path requested: String, logs: String?) throws(KeeperError) {
        guard requested.hasPrefix("/") else {
            throw KeeperError(.cannotKeep, "the state directory \"\(requested)\" is not an absolute path")
        }
        guard requested.utf8.count <= Self.maximumPath else {
            throw KeeperError(
                .cannotKeep,
                "the state directory \(requested) is longer than \(Self.maximumPath) bytes, too long for the sockets in it: choose a shorter one with --state-dir"
            )
        }
        do {
            try Files.makeDirectory(requested, mode: 0o711)
            path = requested
            guard let real = realpath(requested, nil) else { throw SystemError.last("realpath \(requested)") }
            defer { free(real) }
            try Files.makeDirectory(path + "/run", mode: 0o711)
            self.logs = logs ?? path + "/logs"
            try Files.makeDirectory(self.logs, mode: 0o750)
            name = RunToken.name(ofState: String(cString: real))
            lock = try Descriptor(clinux_open(path + "/keeper.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600), step: "open \(path)/keeper.lock")
        } catch {
            throw KeeperError(
                .cannotKeep,
                "the state directory \(requested) cannot be used: \(error); make it writable, or choose another with --state-dir",
                underlying: error as? SystemError)
        }
        try take()
    }

    func notifySocket(_ number: Int) -> String { "\(run)/notify-\(number).sock" }

    private func take() throws(KeeperError) {
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Files.readText(path + "/keeper.lock")?.split(separator: "\n").first.map(String.init) ?? "unknown"
            throw KeeperError(
                .alreadyKept,
                "signalbox already runs with the state directory \(path) (keeper pid \(holder)): stop it first with `signalbox down`",
                underlying: .last("flock"))
        }
        let words = Array("\(getpid())\n".utf8)
        ftruncate(lock.number, 0)
        pwrite(lock.number, words, words.count, 0)
    }
}
