/// Why a connection could not be made, from libpq's message with verbosity VERBOSE:
/// `connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed for user "x"`.
struct ConnectFailure: Error, Equatable {
    var reason: String
    var sqlState: String?

    init(message: String) {
        let line = message.split(separator: "\n").first.map(String.init) ?? "no reason given"
        reason = line
        for part in line.split(separator: ":").dropFirst() {
            let word = part.drop { $0 == " " }
            if word.utf8.count == 5, word.utf8.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? false,
                word.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) })
            {
                sqlState = String(word)
                reason = line.replacing("\(word): ", with: "")
                return
            }
        }
    }

    /// Whether trying again can help: the server is away, starting, stopping, or full. A wrong password or database does not mend itself.
    var isTransient: Bool {
        guard let sqlState else { return true }
        return ["08", "53", "57"].contains { sqlState.hasPrefix($0) }
    }
}
