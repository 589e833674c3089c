/// A part of the list of dead letters.
package struct DeadLetterPage: Codable, Sendable, Equatable {
    package var letters: [DeadLetterSummary]
    /// All that were asked for, on whichever page.
    package var total: Int

    package init(letters: [DeadLetterSummary], total: Int) {
        self.letters = letters
        self.total = total
    }

    private enum CodingKeys: String, CodingKey {
        case letters = "dead_letters"
        case total
    }
}
