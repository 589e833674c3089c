/// What the rules by which services are scaled go by, as measured lately. What is not in it was not measured.
package struct ScaleMeasures: Sendable, Equatable {
    /// By queue.
    package var readyMessages: [String: Int]
    /// By queue: the part of the time, 0 to 1, in which it could hand its messages on at once.
    package var consumerUtilisation: [String: Double]
    /// Processor time over time, since the measurement before.
    package var cores: [InstanceID: Double]

    package init(
        readyMessages: [String: Int] = [:], consumerUtilisation: [String: Double] = [:], cores: [InstanceID: Double] = [:]
    ) {
        self.readyMessages = readyMessages
        self.consumerUtilisation = consumerUtilisation
        self.cores = cores
    }
}
