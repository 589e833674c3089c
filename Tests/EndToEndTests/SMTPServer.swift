import Foundation
import TestSupport

/// Debian's aiosmtpd, receiving for real and keeping what it got in a maildir.
final class SMTPServer: Sendable {
    let url: String
    private let folder: String
    private let script: GuardedScript

    init() throws {
        let port = freePort()
        folder = try temporaryDirectory()
        url = "smtp://127.0.0.1:\(port)"
        script = try GuardedScript(
            """
            /usr/bin/python3 -m aiosmtpd -n -l "127.0.0.1:$2" -c aiosmtpd.handlers.Mailbox "$1/mail" 3<&- & server=$!
            read -r line <&3
            kill $server; wait $server; rm -rf "$1"
            """, arguments: [folder, String(port)], logFile: folder + "/log")
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
        script.end()
    }
}
