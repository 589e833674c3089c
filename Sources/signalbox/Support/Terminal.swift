import Admin
import FoundationEssentials
import Glibc

/// Standard output and standard error, which may be a person's terminal, a file or a pipe.
enum Terminal {
    /// Whether standard output is a terminal on which lines can be drawn anew.
    static let isInteractive = isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"

    /// As https://no-color.org has it.
    static let style = TerminalStyle(isColoured: isInteractive && getenv("NO_COLOR").map { String(cString: $0).isEmpty } ?? true)

    /// In columns; nil when standard output is no terminal.
    static var width: Int? {
        var size = winsize()
        guard isInteractive, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    static func line(_ text: String) { write(text + "\n") }

    /// A line of JSON, as the admin endpoint answers it.
    static func json(_ value: some Encodable) throws {
        line(String(decoding: try JSONEncoder.admin().encode(value), as: UTF8.self))
    }

    static func lines(_ lines: [String]) { write(lines.map { $0 + "\n" }.joined()) }

    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func error(_ text: String) {
        let isColoured = isatty(STDERR_FILENO) == 1 && style.isColoured
        write(TerminalStyle(isColoured: isColoured).paint("error:", .red) + " \(text)\n", to: STDERR_FILENO)
    }

    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR, errno != EAGAIN {
                // The terminal or the reader is gone: there is nobody to tell.
                return
            }
        }
    }
}
