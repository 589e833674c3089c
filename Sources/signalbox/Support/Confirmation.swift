import Glibc

/// Asks the person before something that cannot be undone.
enum Confirmation {
    /// - Parameter withoutAsking: the option that makes it unnecessary.
    /// - Throws: when the answer is no, or there is nobody to ask.
    static func ask(_ question: String, withoutAsking: String) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure("\(question) There is nobody to ask: say \(withoutAsking). Nothing has been done.", status: 64)
        }
        Terminal.note("\(question) [y/N]")
        guard let answer = readLine()?.lowercased(), ["y", "yes"].contains(answer) else {
            throw CommandFailure("Nothing has been done.")
        }
    }
}
