import NIOCore

/// What is counted of one route.
struct RouteMetrics: Sendable, Equatable {
    /// Upper bounds in seconds; one more bucket takes the rest.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    var byStatus: [Int: Int] = [:]
    var byCacheResult: [String: Int] = [:]
    var bytes = 0
    var cutShort = 0
    var seconds = 0.0
    var buckets = [Int](repeating: 0, count: bounds.count + 1)

    mutating func record(_ record: RequestRecord, duration: TimeAmount) {
        byStatus[record.status, default: 0] += 1
        if let cache = record.cache { byCacheResult[cache.rawValue, default: 0] += 1 }
        bytes += record.bytes
        if record.isCutShort { cutShort += 1 }
        let seconds = Double(duration.nanoseconds) / 1e9
        self.seconds += seconds
        buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    }

    mutating func add(_ other: RouteMetrics) {
        byStatus.merge(other.byStatus, uniquingKeysWith: +)
        byCacheResult.merge(other.byCacheResult, uniquingKeysWith: +)
        bytes += other.bytes
        cutShort += other.cutShort
        seconds += other.seconds
        for index in buckets.indices { buckets[index] += other.buckets[index] }
    }
}
