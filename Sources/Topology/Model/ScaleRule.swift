/// How many instances a service may have, and the rules by which their number follows the work. Each rule wants a number, the largest holds.
package struct ScaleRule: Sendable, Equatable {
    package var minimum: Int
    package var maximum: Int
    /// With `backlogPerInstance`: as many instances as its ready messages divided by that. Without a queue and `cpu`: by hand only.
    package var queue: String?
    package var backlogPerInstance: Int
    /// Of `queue`: the part of the time in which it could hand its messages on at once. Below this, while messages wait, one instance more;
    /// one fewer only well above it.
    package var consumerUtilisation: Double?
    /// Cores: one instance uses so many on average. As many instances as the sum divided by that; at least one
    /// unless there is a queue too, since without any there is nothing to measure that would bring one back.
    package var cpu: Double?
    /// The part by which a measure must be off before the number changes, so that it does not swing.
    package var tolerance: Double
    /// So long must more be wanted before any are added.
    package var upAfter: Duration
    /// So long must fewer be wanted before any are taken away.
    package var downAfter: Duration
    /// From one change by a rule to the next.
    package var coolDown: Duration

    package init(
        minimum: Int = 0, maximum: Int = 64, queue: String? = nil, backlogPerInstance: Int = 100, consumerUtilisation: Double? = nil,
        cpu: Double? = nil, tolerance: Double = 0.1, upAfter: Duration = .zero, downAfter: Duration = .seconds(30),
        coolDown: Duration = .seconds(5)
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.queue = queue
        self.backlogPerInstance = backlogPerInstance
        self.consumerUtilisation = consumerUtilisation
        self.cpu = cpu
        self.tolerance = tolerance
        self.upAfter = upAfter
        self.downAfter = downAfter
        self.coolDown = coolDown
    }
}
