/// The answers of one probe, counted.
package struct ProbeTally: Sendable, Equatable {
    /// In a row.
    package private(set) var successes = 0
    package private(set) var failures = 0
    package private(set) var lastFailure: String?

    package mutating func countSuccess() {
        successes += 1
        failures = 0
        lastFailure = nil
    }

    package mutating func countFailure(_ answer: String) {
        failures += 1
        successes = 0
        lastFailure = answer
    }
}
