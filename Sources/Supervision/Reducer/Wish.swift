/// Why something is done that did not come about by itself, and who wanted it.
package struct Wish: Sendable, Equatable {
    package var cause: String
    package var actor: String

    package init(_ cause: String, by actor: String) {
        self.cause = cause
        self.actor = actor
    }

    /// The supervisor's own doing.
    package static let supervisor = "signalbox"
}
