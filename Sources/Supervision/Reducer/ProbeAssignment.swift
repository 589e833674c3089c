/// A probe to be asked of one process from now on.
package struct ProbeAssignment: Sendable, Equatable {
    package var purpose: SupervisedProbe.Purpose
    /// Of the declaration the process was started with, where that is still known.
    package var probe: SupervisedProbe
    /// The answer was yes before.
    package var hasSucceeded: Bool
}
