/// JSON objects whose values are strings and whole numbers, which is what an event's headers are. Foundation's decoder takes longer for them
/// than the broker for the message.
enum FlatJSON {
    enum Value: Equatable {
        case text(String)
        case number(Int64)
    }

    static func text(of members: [(String, Value)]) -> String {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, (name, value)) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            quote(name, into: &text)
            text.append(UInt8(ascii: ":"))
            switch value {
            case .text(let value): quote(value, into: &text)
            case .number(let value): text += String(value).utf8
            }
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    private static func quote(_ value: String, into text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    /// Nil for anything else than such an object.
    static func members(of text: String) -> [(String, Value)]? {
        var reader = Reader(bytes: Array(text.utf8))
        return reader.object()
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skipSpace() {
            while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func object() -> [(String, Value)]? {
            var members: [(String, Value)] = []
            skipSpace()
            guard take("{") else { return nil }
            skipSpace()
            if take("}") { return members }
            while true {
                skipSpace()
                guard let name = string() else { return nil }
                skipSpace()
                guard take(":") else { return nil }
                skipSpace()
                guard let value = value() else { return nil }
                members.append((name, value))
                skipSpace()
                if take("}") { return members }
                guard take(",") else { return nil }
            }
        }

        private mutating func value() -> Value? {
            if next == UInt8(ascii: "\"") { return string().map { .text($0) } }
            let start = position
            while let byte = next, byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            return Int64(String(decoding: bytes[start..<position], as: UTF8.self)).map { .number($0) }
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            var content: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = escaped() else { return nil }
                    content += escaped
                default: content.append(byte)
                }
            }
            return nil
        }

        private mutating func escaped() -> [UInt8]? {
            guard let byte = next else { return nil }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                guard let unit = unit() else { return nil }
                if UTF16.isTrailSurrogate(unit) { return nil }
                if UTF16.isLeadSurrogate(unit) {
                    guard take("\\"), take("u"), let trail = self.unit(), UTF16.isTrailSurrogate(trail) else { return nil }
                    return Array(String(decoding: [unit, trail], as: UTF16.self).utf8)
                }
                return Array(String(decoding: [unit], as: UTF16.self).utf8)
            default: return nil
            }
        }

        private mutating func unit() -> UInt16? {
            guard position + 4 <= bytes.count else { return nil }
            defer { position += 4 }
            let digits = bytes[position..<position + 4]
            guard digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
            return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        }
    }
}
