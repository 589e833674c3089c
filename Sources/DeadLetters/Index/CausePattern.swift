/// What causes have in common that differ in an id, a time or a count: by it dead letters are grouped.
enum CausePattern {
    /// Characters of a cause that count.
    static let longest = 160
    /// A number after one of these says what happened; any other says to what.
    private static let codeWords: Set<String> = ["http", "status", "code", "answered"]

    /// `no stock for order 7f3a-11, 4 wanted (HTTP 503)` becomes `no stock for order #, # wanted (HTTP 503)`.
    static func of(_ cause: String) -> String {
        var pattern = ""
        var word = ""
        var previous = ""
        func isOfWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || "-_:.".contains(character) }
        func flush() {
            guard !word.isEmpty else { return }
            // A full stop or colon after a word is not the word's.
            var tail = ""
            while let last = word.last, "-_:.".contains(last) {
                tail = String(last) + tail
                word.removeLast()
            }
            let isCode = codeWords.contains(previous) && word.allSatisfy(\.isNumber)
            pattern += word.contains(where: \.isNumber) && !isCode ? "#" : word
            pattern += tail
            previous = word.lowercased()
            word = ""
        }
        for character in cause.prefix(longest) {
            if isOfWord(character) {
                word.append(character)
            } else {
                flush()
                pattern.append(character.isNewline ? " " : character)
            }
        }
        flush()
        return pattern
    }
}
