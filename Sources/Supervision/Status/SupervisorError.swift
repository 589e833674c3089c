package import Topology

/// Why the supervisor did not do what was asked of it.
package struct SupervisorError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case unknownService
        case unknownQueue
        case invalidCount(allowed: ClosedRange<Int>)
        /// All that is wrong with the file. Nothing has been started or changed.
        case invalidTopology([TopologyMistake])
        /// The topology file cannot be read.
        case unreadableTopology
        /// What was asked needs a server that is not ready yet.
        case notReady
        /// What was asked contradicts what is going on, such as a start while everything stops.
        case conflict
        /// The executable that was to take the supervisor's place does not run.
        case invalidExecutable
        case broker
        case database
        /// The state directory cannot be used.
        case stateDirectory
        /// The keeper is gone, or refused what was asked.
        case keeper
    }

    package var code: Code
    package var message: String
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
