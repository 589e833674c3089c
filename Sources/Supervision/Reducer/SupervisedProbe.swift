package import Topology

/// A probe as the supervisor runs it: the topology's, or a round trip to a server.
package struct SupervisedProbe: Sendable, Equatable {
    package enum Check: Sendable, Equatable {
        case declared(Probe.Check)
        /// The server's own protocol, there and back: a broker's heartbeat, `SELECT 1`, `PING`.
        case roundTrip
    }

    /// Which question of an instance a probe answers.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// Has it come up? Until then the other two are not asked.
        case startup
        /// Does it take work?
        case readiness
        /// Is it beyond help?
        case liveness
    }

    package var check: Check
    package var initialDelay: Duration
    package var period: Duration
    package var timeout: Duration
    package var failureThreshold: Int
    package var successThreshold: Int
    /// The part of `period` by which a check may come earlier or later.
    package var jitter: Double

    package init(_ probe: Probe) {
        check = .declared(probe.check)
        initialDelay = probe.initialDelay
        period = probe.period
        timeout = probe.timeout
        failureThreshold = max(1, probe.failureThreshold)
        successThreshold = max(1, probe.successThreshold)
        jitter = probe.jitter
    }

    private init(roundTripEvery period: Duration, timeout: Duration, failureThreshold: Int) {
        check = .roundTrip
        initialDelay = .zero
        self.period = period
        self.timeout = timeout
        self.failureThreshold = failureThreshold
        successThreshold = 1
        jitter = 0.1
    }

    package static let serverReadiness = SupervisedProbe(roundTripEvery: .seconds(3), timeout: .seconds(5), failureThreshold: 3)
}
