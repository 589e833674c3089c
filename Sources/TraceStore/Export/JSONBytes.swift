extension [UInt8] {
    mutating func append(literal text: String) { append(contentsOf: text.utf8) }

    mutating func append(number: some BinaryInteger) { append(contentsOf: String(number).utf8) }

    /// As a JSON string.
    mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Mostly there is nothing to escape.
            if utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                append(contentsOf: utf8)
                return
            }
            for byte in utf8 {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    append(UInt8(ascii: "\\"))
                    append(byte)
                case UInt8(ascii: "\n"): append(literal: "\\n")
                case 0..<0x20:
                    append(literal: byte < 0x10 ? "\\u000" : "\\u00")
                    append(literal: String(byte, radix: 16))
                default: append(byte)
                }
            }
        }
        append(UInt8(ascii: "\""))
    }
}
