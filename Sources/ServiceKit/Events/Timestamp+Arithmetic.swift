extension Timestamp: Comparable {
    /// Later than any time that anything is due.
    static let distantFuture = Timestamp(microseconds: .max)

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// As far as 64 bits reach.
    func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: Self.microsecondsASecond)
        guard !isTooLong else { return seconds < 0 ? Timestamp(microseconds: .min) : .distantFuture }
        let (sum, isOverflow) = microseconds.addingReportingOverflow(product)
        guard !isOverflow else { return seconds < 0 ? Timestamp(microseconds: .min) : .distantFuture }
        let (total, isTotalOverflow) = sum.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return isTotalOverflow ? .distantFuture : Timestamp(microseconds: total)
    }

    func duration(to other: Timestamp) -> Duration {
        let (difference, isOverflow) = other.microseconds.subtractingReportingOverflow(microseconds)
        return isOverflow ? (other > self ? .seconds(Int64.max / 2) : .zero) : .microseconds(difference)
    }
}
