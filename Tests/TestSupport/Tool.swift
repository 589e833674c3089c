package import Foundation

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

    package static func run(_ executable: String, _ arguments: [String]) async throws -> Result {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        let (output, errors) = (URL(filePath: folder).appending(path: "out"), URL(filePath: folder).appending(path: "err"))
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file.path(), contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Result(
            status: status, output: try String(contentsOf: output, encoding: .utf8), errors: try String(contentsOf: errors, encoding: .utf8)
        )
    }
}
