/// Tells from the bytes of an HTTP/1 answer whether it is whole, and whether it is a yes.
enum HTTPAnswer {
    /// Characters of a refusal that are shown to a person.
    static let shownBody = 200
    /// Answers of status 1xx that may come before the one that counts.
    static let maximumInterimAnswers = 8

    /// - Returns: nil when more has to come.
    static func judge(_ received: [UInt8], isClosed: Bool, to path: String) -> ProbeAnswer? {
        var rest = received[...]
        for _ in 0...maximumInterimAnswers {
            guard rest.starts(with: Array("HTTP/".utf8)), let end = endOfHead(rest), let status = status(rest[..<end]),
                (100..<200).contains(status)
            else {
                return judgeFinal(rest, isClosed: isClosed, to: path)
            }
            rest = rest[end...]
        }
        return .failure("GET \(path): more than \(maximumInterimAnswers) interim answers (1xx)")
    }

    private static func judgeFinal(_ received: ArraySlice<UInt8>, isClosed: Bool, to path: String) -> ProbeAnswer? {
        guard received.starts(with: Array("HTTP/".utf8).prefix(received.count)) else { return .failure("GET \(path): no HTTP answer") }
        guard let end = endOfHead(received) else {
            if isClosed { return .failure("GET \(path): the connection was closed before an answer came") }
            return received.count > ProbeQuestion.maximumAnswer ? .failure("GET \(path): the answer's head is too long") : nil
        }
        guard let status = status(received[..<end]) else { return .failure("GET \(path): no HTTP answer") }
        let body = received[end...]
        switch completeness(of: body, after: received[..<end], status: status) {
        case .whole: break
        case .untilClosed where isClosed || body.count >= ProbeQuestion.maximumAnswer: break
        case .partial where isClosed: return .failure("GET \(path): the connection was closed before its answer was whole")
        case .partial where body.count >= ProbeQuestion.maximumAnswer: break
        case .untilClosed, .partial: return nil
        }
        if (200..<400).contains(status) { return .success }
        let text = String(decoding: body.prefix(shownBody), as: UTF8.self)
        return .failure("GET \(path) answered \(status)" + (text.isEmpty ? "" : ": \(text)"))
    }

    /// Whether the connection of this whole answer can be asked again: its end was not the connection's.
    static func keepsConnection(_ received: [UInt8]) -> Bool {
        guard received.starts(with: Array("HTTP/1.1".utf8)), let end = endOfHead(received[...]) else { return false }
        let head = received[..<end]
        guard field("content-length:", in: head).flatMap({ Int($0) }) == received.count - end else { return false }
        return field("connection:", in: head).map { !$0.contains("close") } ?? true
    }

    private enum Completeness { case whole, partial, untilClosed }

    private static func completeness(of body: ArraySlice<UInt8>, after head: ArraySlice<UInt8>, status: Int) -> Completeness {
        if status == 204 || status == 304 { return .whole }
        if let coding = field("transfer-encoding:", in: head), coding.hasSuffix("chunked") {
            let last = Array("0\r\n\r\n".utf8)
            return body.suffix(last.count).elementsEqual(last) ? .whole : .partial
        }
        guard let length = field("content-length:", in: head).flatMap({ Int($0) }) else { return .untilClosed }
        return body.count >= length ? .whole : .partial
    }

    /// After the empty line.
    private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> Int? {
        var position = bytes.startIndex
        while let next = bytes[position...].firstIndex(of: UInt8(ascii: "\r")) {
            guard next + 3 < bytes.endIndex else { return nil }
            if bytes[next + 1] == 10 && bytes[next + 2] == 13 && bytes[next + 3] == 10 { return next + 4 }
            position = next + 1
        }
        return nil
    }

    private static func status(_ head: ArraySlice<UInt8>) -> Int? {
        guard let space = head.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let digits = head[(space + 1)...].prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    /// - Parameter name: in small letters, with its colon.
    private static func field(_ name: String, in head: ArraySlice<UInt8>) -> String? {
        let name = Array(name.utf8)
        for line in head.split(separator: 10) where line.count > name.count {
            guard line.prefix(name.count).elementsEqual(name, by: { $0 | 0x20 == $1 | 0x20 }) else { continue }
            let value = line.dropFirst(name.count).filter { $0 != 32 && $0 != 13 && $0 != 9 }
            return String(decoding: value, as: UTF8.self).lowercased()
        }
        return nil
    }
}
