package import Foundation
import Glibc

/// Runs a program to its end.
package enum Tool {
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
    }

    /// The folder of the built executables: that of the running test bundle.
    package static let executables: URL = {
        let running = URL(
            filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0])
        let candidates = [running, URL(filePath: CommandLine.arguments[0])] + CommandLine.arguments.map { URL(filePath: $0) }
        return candidates.map { $0.deletingLastPathComponent() }.first {
            FileManager.default.isExecutableFile(atPath: $0.appending(path: "signalbox").path())
        } ?? running.deletingLastPathComponent()
    }()

    package static func signalbox(_ arguments: String...) async throws -> Result {
        try await run(executables.appending(path: "signalbox").path(), arguments)
    }

    /// - Parameter environment: nil: this process's own.
    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil
    ) async throws -> Result {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let (output, errors) = (folder + "/out", folder + "/err")
        let process = try start(
            [executable] + arguments, environment: environment ?? ProcessInfo.processInfo.environment, output: output, errors: errors)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 { try await Task.sleep(for: lookInterval) }
        return Result(
            // As a shell has it: 128 + signal.
            status: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f),
            output: try String(contentsOfFile: output, encoding: .utf8), errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// How often it is looked whether a program has ended. Foundation's Process waits for the end of a socket, which a program that another
    /// thread starts at the same moment inherits and keeps open for as long as it lives.
    private static let lookInterval = Duration.milliseconds(10)

    private static func start(
        _ command: [String], environment: [String: String], output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        // Threads of Swift's run with signals blocked, which programs do not expect.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var process = pid_t()
        let status = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &variables)
        guard status == 0 else { throw TestSupportError("cannot run \(command[0]): \(String(cString: strerror(status)))") }
        return process
    }
}
