/// Reading PostgreSQL's text format. Nil for what is not in it.
enum PostgresText {
    /// bytea_output = hex.
    static func bytes(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]), characters.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 2)
        for index in stride(from: 2, to: characters.count, by: 2) {
            guard let high = digit(characters[index]), let low = digit(characters[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// What stands before the closing quote, which is taken too.
    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var content: [UInt8] = []
        while let character = rest.popFirst() {
            if character == UInt8(ascii: "\"") { return content }
            if character == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                content.append(escaped)
            } else {
                content.append(character)
            }
        }
        return nil
    }

    /// The elements of an array of one dimension; nil elements are nulls.
    static func array(_ text: String) -> [String?]? {
        var rest = Array(text.utf8)[...]
        guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else { return nil }
        var elements: [String?] = []
        if rest.isEmpty { return elements }
        while true {
            var element: [UInt8] = []
            let isQuoted = rest.first == UInt8(ascii: "\"")
            if isQuoted {
                rest.removeFirst()
                guard let content = quoted(&rest) else { return nil }
                element = content
            } else {
                while let character = rest.first, character != UInt8(ascii: ",") {
                    if character == UInt8(ascii: "{") { return nil }
                    element.append(rest.removeFirst())
                }
            }
            let text = String(decoding: element, as: UTF8.self)
            elements.append(!isQuoted && text == "NULL" ? nil : text)
            guard let separator = rest.popFirst() else { return elements }
            guard separator == UInt8(ascii: ",") else { return nil }
        }
    }
}
