/// Finds the value of a JSON object's own `level`, without decoding the rest: a search through gigabytes looks at every line.
struct LogLevelScanner {
    /// Longer words are no levels.
    private static let maximumWord = 16

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Nil: there is none, or the line is no JSON object after all.
    var level: LogLevel? {
        var scanner = self
        return scanner.scan()
    }

    private mutating func scan() -> LogLevel? {
        var depth = 0
        var isKey = false
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"):
                depth += 1
                isKey = depth == 1
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): isKey = depth == 1
            case UInt8(ascii: ":"): isKey = false
            case UInt8(ascii: "\""):
                let word = string()
                if depth == 1, isKey, word.elementsEqual("level".utf8) { return value() }
            default: break
            }
        }
        return nil
    }

    /// The bytes up to the closing quote, escapes as they stand.
    private mutating func string() -> Slice<UnsafeRawBufferPointer> {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        let end = min(index, bytes.count)
        index = end + 1
        return bytes[start..<end]
    }

    private mutating func value() -> LogLevel? {
        while index < bytes.count, [UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\t")].contains(bytes[index]) { index += 1 }
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: "\"") {
            index += 1
            return LogLevel(word: String(decoding: string().prefix(Self.maximumWord), as: UTF8.self))
        }
        let digits = bytes[index...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.prefix(4)
        return Int(String(decoding: digits, as: UTF8.self)).map { LogLevel(number: $0) }
    }
}
