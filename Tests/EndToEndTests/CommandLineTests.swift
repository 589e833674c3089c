import Foundation
import Testing
import TestSupport

/// The command line on files that cannot be, and on hosts where nothing runs.
@Suite struct CommandLineTests {
    @Test func everyMistakeIsNamedWithItsPlace() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        try """
        name: broken
        services:
          order:
            command: shop order
            instances: many
            depends_on: [brokr]
        routes:
          - { path: /x, service: nobody }
        """.write(toFile: folder + "/topology.yaml", atomically: true, encoding: .utf8)
        for verb in ["check", "up"] {
            let result = try await Tool.signalbox(verb, "--file", folder + "/topology.yaml")
            #expect(result.status != 0)
            let text = result.output + result.errors
            for place in ["topology.yaml:5:16", "topology.yaml:6:18", "topology.yaml:8:"] { #expect(text.contains(place), "\(text)") }
            #expect(!FileManager.default.fileExists(atPath: folder + "/.signalbox/run"))
        }
    }

    @Test(arguments: [("status", []), ("logs", []), ("apply", []), ("restart", ["order"]), ("scale", ["order=2"])] as [(String, [String])])
    func nothingRunningIsSaidWithWhatToDo(verb: String, arguments: [String]) async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        try "name: quiet\n".write(toFile: folder + "/topology.yaml", atomically: true, encoding: .utf8)
        let result = try await Tool.run(
            Tool.executables.appending(path: "signalbox").path(), [verb, "--file", folder + "/topology.yaml"] + arguments)
        #expect(result.status == 1)
        #expect(result.errors.contains("signalbox up"), "\(result.errors)")
    }

    @Test func downOfNothingIsDone() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let result = try await Tool.signalbox("down", "--file", folder + "/topology.yaml")
        #expect(result.status == 0)
        #expect((result.output + result.errors).contains("Nothing to stop"))
    }

    @Test(arguments: ["up", "down", "status", "logs", "scale", "restart", "stop", "start", "check", "apply"])
    func everyVerbHasHelp(verb: String) async throws {
        let result = try await Tool.signalbox(verb, "--help")
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: signalbox \(verb)"))
    }
}
