import Foundation

/// One mail, and its text as RFC 5322 wants it.
struct Mail: Equatable, Sendable {
    /// Names the mail for good, so that a second sending can be known: the id of the event that caused it.
    var id: String
    var sender: String
    var recipient: String
    var subject: String
    var body: String
    var date: Date

    var text: String {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        return """
            From: Signalbox Shop <\(sender)>\r
            To: <\(recipient)>\r
            Subject: \(Self.encoded(subject))\r
            Date: \(Self.dateText(date))\r
            Message-ID: <\(id)@\(Self.domain(of: sender))>\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 8bit\r
            \r
            \(lines)\r

            """
    }

    static func domain(of address: String) -> String {
        String(address.split(separator: "@").last ?? "localhost")
    }

    /// RFC 2047: text beyond ASCII, and whatever could end a header, goes as base64.
    static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        // An encoded word may be 75 bytes long: 45 bytes of text, cut between characters.
        var words: [String] = []
        var word = ""
        for character in text {
            if word.utf8.count + character.utf8.count > 45 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        words.append(word)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func dateText(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return formatter.string(from: date)
    }
}
