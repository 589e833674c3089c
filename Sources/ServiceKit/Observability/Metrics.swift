internal import Synchronization

/// The process's counters and histograms, and their Prometheus text (exposition format 0.0.4).
final class Metrics: Sendable {
    /// A metric's name and how it is read; each set of label values is a series of its own.
    struct Family: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case counter, gauge, histogram }

        var name: String
        var help: String
        var kind: Kind
        var labels: [String]
    }

    /// Seconds; upper bounds of a histogram's buckets.
    static let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// Series a family, so that a label that takes any value cannot fill the memory. Beyond it nothing new is counted.
    static let maximumSeries = 1000

    private struct Series {
        var value = 0.0
        var counts: [UInt64] = []
        var count: UInt64 = 0
    }

    private let families = Mutex<[Family: [[String]: Series]]>([:])

    func add(_ family: Family, _ labels: [String] = [], by amount: Double = 1) {
        update(family, labels) { $0.value += amount }
    }

    func set(_ family: Family, _ labels: [String] = [], to value: Double) {
        update(family, labels) { $0.value = value }
    }

    func observe(_ family: Family, _ labels: [String] = [], _ duration: Duration) {
        let seconds = duration.inSeconds
        update(family, labels) { series in
            if series.counts.isEmpty { series.counts = Array(repeating: 0, count: Self.buckets.count) }
            for (index, bound) in Self.buckets.enumerated() where seconds <= bound { series.counts[index] += 1 }
            series.count += 1
            series.value += seconds
        }
    }

    private func update(_ family: Family, _ labels: [String], _ change: (inout Series) -> Void) {
        families.withLock { families in
            var series = families[family, default: [:]][labels]
            if series == nil {
                guard families[family, default: [:]].count < Self.maximumSeries else { return }
                series = Series()
            }
            if var series {
                change(&series)
                families[family, default: [:]][labels] = series
            }
        }
    }

    var text: String {
        let families = families.withLock { $0 }
        var text = ""
        for (family, series) in families.sorted(by: { $0.key.name < $1.key.name }) {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind)\n"
            for (labels, series) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                text += Self.lines(family, labels, series)
            }
        }
        return text
    }

    private static func lines(_ family: Family, _ labels: [String], _ series: Series) -> String {
        let pairs = zip(family.labels, labels).map { "\($0)=\"\(escaped($1))\"" }
        func braces(_ pairs: [String]) -> String { pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}" }
        func number(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? String(value) }
        guard family.kind == .histogram else { return "\(family.name)\(braces(pairs)) \(number(series.value))\n" }
        var text = ""
        for (bound, count) in zip(buckets, series.counts) {
            text += "\(family.name)_bucket\(braces(pairs + ["le=\"\(number(bound))\""])) \(count)\n"
        }
        text += "\(family.name)_bucket\(braces(pairs + ["le=\"+Inf\""])) \(series.count)\n"
        text += "\(family.name)_sum\(braces(pairs)) \(number(series.value))\n"
        return text + "\(family.name)_count\(braces(pairs)) \(series.count)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
