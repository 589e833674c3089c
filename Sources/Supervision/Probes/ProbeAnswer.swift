/// What came of asking once.
enum ProbeAnswer: Sendable, Equatable {
    case success
    /// What was seen instead, for a person.
    case failure(String)
}
