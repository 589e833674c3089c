import Testing

/// What Signalbox promises, held against real processes that are killed, starved and misled. One after the other: most of them measure.
///
/// Each suite is an extension of this one. `SIGNALBOX_FAULT_SCALE` says how often each fault happens; see `FaultScale`.
@Suite(.serialized, .timeLimit(.minutes(30))) enum Faults {}
