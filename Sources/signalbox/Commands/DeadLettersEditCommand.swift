import Admin
import ArgumentParser
import DeadLetters
import FoundationEssentials
import Glibc

struct DeadLettersEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Gives a dead letter another body, with which it will be sent back.",
        discussion: """
            The message keeps its id and its place in the queue, and rests on: send it back with replay. Without --body it opens the body in \
            $VISUAL or $EDITOR (else vi). A body that was JSON has to be JSON again.

            Examples:
              signalbox dead-letters edit 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d
              signalbox dead-letters edit 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d --body corrected.json
              signalbox dead-letters show 0195… --body | jq '.quantity = 1' | signalbox dead-letters edit 0195… --body -
              signalbox dead-letters edit 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d --revert
            """)

    @OptionGroup var options: TopologyOptions
    @OptionGroup var place: DeadLetterPlaceOptions

    @Option(name: .long, help: ArgumentHelp("Take the new body from this file; - is standard input.", valueName: "file"))
    var body: String?

    @Flag(name: .long, help: "Take the edit back: the body is what it was.")
    var revert = false

    @Flag(name: .long, help: "Take a body that is not JSON in place of one that is.")
    var noCheck = false

    private struct Edit: Encodable {
        var body: String
        var is_base64: Bool
        var check: Bool
    }

    func validate() throws {
        guard !(revert && body != nil) else { throw ValidationError("--revert and --body cannot both be meant.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        if revert {
            let letter = try await client.delete(place.path + "/body", as: DeadLetterDetail.self)
            Terminal.line("The body of \(letter.summary.id) is what it was.")
            return
        }
        let before = try await client.get(place.path, as: DeadLetterDetail.self)
        let new: [UInt8]
        if let body {
            new = try Self.read(body)
        } else {
            guard !before.isBase64 else { throw CommandFailure("The body is no text; give another one with: --body file") }
            new = try Self.edited(before.body)
            guard new != Array(before.body.utf8) else {
                Terminal.line("Nothing has been changed.")
                return
            }
        }
        let edit = Edit(body: Data(new).base64EncodedString(), is_base64: true, check: !noCheck)
        let letter = try await client.put(place.path + "/body", edit, as: DeadLetterDetail.self)
        Terminal.line(
            "The body of \(letter.summary.id) is edited. Send it back with: signalbox dead-letters replay \(letter.summary.queue) \(letter.summary.id)"
        )
    }

    private static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return readAll(STDIN_FILENO) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be read: \(String(cString: strerror(errno))).") }
        defer { close(descriptor) }
        return readAll(descriptor)
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // One more than is taken, so that it is refused and not cut.
        while bytes.count <= DeadLetterService.longestBody {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// What the person makes of it in an editor.
    private static func edited(_ text: String) throws -> [UInt8] {
        let folder = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(folder)/dead-letter-XXXXXX.json".utf8CString)
        // Only this user can read it.
        let descriptor = mkstemps(&template, 5)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw CommandFailure("A file in \(folder) cannot be made: \(String(cString: strerror(errno))).") }
        close(descriptor)
        defer { unlink(path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        let environment = ProcessInfo.processInfo.environment
        let editor =
            environment["VISUAL"].flatMap { $0.isEmpty ? nil : $0 } ?? environment["EDITOR"].flatMap { $0.isEmpty ? nil : $0 } ?? "vi"
        let status = try run(editor, path)
        guard status == 0 else { throw CommandFailure("\(editor) ended with status \(status); nothing has been changed.") }
        let bytes = try read(path)
        // Editors end a file with a newline that the body did not have.
        return !text.hasSuffix("\n") && bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
    }

    /// An editor may be a command with arguments: the shell takes it apart.
    private static func run(_ editor: String, _ path: String) throws -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of Swift's run with signals blocked, which programs do not expect.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words: [String] = ["sh", "-c", "\(editor) \"$1\"", "sh", path]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let failure = posix_spawn(&process, "/bin/sh", nil, &attributes, &arguments, environ)
        guard failure == 0 else { throw CommandFailure("\(editor) cannot be started: \(String(cString: strerror(failure))).") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}
