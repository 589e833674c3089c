/// Splits a command as a POSIX shell splits words (section 2.2, quoting), and expands nothing.
package enum ShellWords {
    package struct Mistake: Error, Sendable, Equatable {
        package var message: String
    }

    /// - Throws: where a quote is not closed, or where a shell would do more than split: pipes, redirections, variables.
    package static func split(_ text: String) throws(Mistake) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                // Within double quotes a backslash escapes only what would be special there.
                if quote == "\"", !"\"\\$`".contains(character) { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else if "|&;<>()$`".contains(character) {
                throw Mistake(
                    message: "\"\(character)\" is for a shell, and no shell is run; put the word in quotes, or write [sh, -c, \"…\"]")
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw Mistake(message: "the quote \(quote) is not closed; close it") }
        if isEscaped { throw Mistake(message: "a backslash at the end escapes nothing; remove it") }
        if let word { words.append(word) }
        return words
    }
}
