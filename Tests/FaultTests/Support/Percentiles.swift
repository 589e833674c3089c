/// Of times that were measured.
struct Percentiles: CustomStringConvertible {
    private let sorted: [Duration]

    init(_ durations: [Duration]) {
        sorted = durations.sorted()
    }

    /// - Parameter rank: from 0 to 1.
    subscript(_ rank: Double) -> Duration {
        sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(rank * Double(sorted.count)))]
    }

    var description: String {
        "p50 \(Self.milliseconds(self[0.5])), p99 \(Self.milliseconds(self[0.99])), worst \(Self.milliseconds(sorted.last ?? .zero)) of \(sorted.count)"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int(duration / .milliseconds(1))) ms"
    }
}
