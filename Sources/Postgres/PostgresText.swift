/// Reading PostgreSQL's text format. Nil for what is not in it.
enum PostgresText {
    /// bytea_output = hex.
    static func bytes(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { characters in
            guard characters.count >= 2, characters[0] == UInt8(ascii: "\\"), characters[1] == UInt8(ascii: "x"),
                characters.count.isMultiple(of: 2)
            else { return nil }
            let count = characters.count / 2 - 1
            var isValid = true
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                for index in 0..<count {
                    let (high, low) = (values[Int(characters[2 + 2 * index])], values[Int(characters[3 + 2 * index])])
                    if high > 15 || low > 15 { isValid = false }
                    buffer.initializeElement(at: index, to: high << 4 | low & 15)
                }
                initialized = count
            }
            return isValid ? bytes : nil
        }
    }

    /// Of each character as a hexadecimal digit; 255: it is none.
    private static let values: [UInt8] = (0...255).map { Character(UnicodeScalar($0)).hexDigitValue.map { UInt8($0) } ?? 255 }

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
