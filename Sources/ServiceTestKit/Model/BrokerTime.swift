/// An instant of a `TestClock`.
struct BrokerTime: Sendable {
    /// Since the clock began.
    let offset: Duration
    let secondsSince1970: Int64
}
