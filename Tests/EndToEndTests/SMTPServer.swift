import Foundation
import Synchronization
import TestSupport

/// Debian's aiosmtpd, receiving for real and keeping what it got in a maildir.
final class SMTPServer: Sendable {
    let url: String
    private let folder: String
    private let process: Process
    private let pipe = Pipe()

    init() throws {
        let port = freePort()
        folder = try temporaryDirectory()
        url = "smtp://127.0.0.1:\(port)"
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        // The shell ends the server when this process is gone.
        process.arguments = [
            "-c",
            """
            /usr/bin/python3 -m aiosmtpd -n -l 127.0.0.1:\(port) -c aiosmtpd.handlers.Mailbox "$1/mail" > "$1/log" 2>&1 < /dev/null & server=$!
            read -r line
            kill $server; wait $server; rm -rf "$1"
            """, "smtp", folder,
        ]
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = pipe
        try process.run()
    }

    /// Every mail received so far, whole.
    var mails: [String] {
        let inbox = folder + "/mail/new"
        return ((try? FileManager.default.contentsOfDirectory(atPath: inbox)) ?? []).compactMap {
            try? String(contentsOfFile: inbox + "/" + $0, encoding: .utf8)
        }
    }

    func mails(to recipient: String) -> [String] {
        mails.filter { $0.contains("To: <\(recipient)>") }
    }

    func stop() {
        try? pipe.fileHandleForWriting.close()
    }
}
