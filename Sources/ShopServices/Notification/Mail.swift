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

    /// RFC 5322, section 3.3.
    private static func dateText(_ date: Date) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var time = tm()
        gmtime_r(&seconds, &time)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(time.tm_wday)]), \(two(time.tm_mday)) \(months[Int(time.tm_mon)]) \(1900 + time.tm_year) "
            + "\(two(time.tm_hour)):\(two(time.tm_min)):\(two(time.tm_sec)) +0000"
    }
}
