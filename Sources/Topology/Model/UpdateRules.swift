/// How instances are replaced, one after the other.
package struct UpdateRules: Sendable, Equatable {
    /// The new instance is ready before the old one ends. Without, the old one ends first: for what must never run twice.
    package var overlap: Bool
    /// A new instance that is not ready by then has failed; what ran before goes on, or runs again.
    package var readyWithin: Duration

    package init(overlap: Bool = true, readyWithin: Duration = .seconds(60)) {
        self.overlap = overlap
        self.readyWithin = readyWithin
    }
}
