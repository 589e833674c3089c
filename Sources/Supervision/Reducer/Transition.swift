/// A change of state with its cause; the shell adds number and time.
package struct Transition: Sendable, Equatable {
    package var service: String
    package var instance: Int?
    package var from: String
    package var to: String
    package var cause: String
    package var evidence: String?
    package var actor: String
}
