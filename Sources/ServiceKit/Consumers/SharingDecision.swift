/// How much of what one instance has in hand it passes on to the others, where the broker gives a queue's messages to it alone.
enum SharingDecision {
    /// What its own workers will have done by then stays: passing a message on costs two transactions more.
    static let horizon: Duration = .milliseconds(100)
    /// Rows of one queue that wait for any instance.
    static let maximumShared = 256
    /// Passed on at once.
    static let batchSize = 64
    static let interval: Duration = .milliseconds(50)

    /// - Parameters:
    ///   - backlog: messages in hand that are not begun.
    ///   - cost: of a handler.
    /// - Returns: how many of the backlog stay, from the first; nil: all of them.
    static func kept(backlog: Int, workers: Int, cost: Duration) -> Int? {
        let cost = max(cost, .microseconds(1))
        let within = horizon / cost * Double(workers)
        let kept = max(workers, within < Double(Int32.max) ? Int(within) : Int(Int32.max))
        return backlog > kept ? kept : nil
    }
}
