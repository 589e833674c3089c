/// How long handlers take, by event type, from what they took before: for how many go into one transaction.
struct HandlerCosts: Sendable {
    /// Event types that are told apart; others count as new ones.
    static let maximumTypes = 256
    /// Until one was seen.
    static let assumed: Duration = .milliseconds(5)
    /// The weight of the newest: rising costs are believed sooner than falling ones, because a slow handler holds up others.
    private static let (rising, falling) = (0.5, 0.1)

    private var means: [String: Duration] = [:]

    func cost(of type: String) -> Duration {
        means[type] ?? Self.assumed
    }

    mutating func took(_ duration: Duration, type: String) {
        guard let mean = means[type] else {
            if means.count < Self.maximumTypes { means[type] = duration }
            return
        }
        means[type] = mean + (duration - mean) * (duration > mean ? Self.rising : Self.falling)
    }

    /// Over all types, each as much as any other.
    var mean: Duration {
        means.isEmpty ? Self.assumed : means.values.reduce(.zero, +) / means.count
    }
}
