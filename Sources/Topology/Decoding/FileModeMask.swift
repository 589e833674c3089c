/// A umask as a shell takes it: `022`, `"027"`, `0077`.
enum FileModeMask {
    static let pattern = "^0?[0-7]{3}$"

    static func read(_ text: String) -> Int? {
        let digits = text.utf8
        guard digits.count == 3 || digits.count == 4 && text.hasPrefix("0"), digits.allSatisfy({ (48...55).contains($0) }) else {
            return nil
        }
        return Int(text, radix: 8)
    }
}
