/// What is wrong with a text in Prometheus' format (exposition format 0.0.4; prometheus.io/docs/practices/naming).
package enum PrometheusLint {
    package static func complaints(_ text: String) -> [String] {
        var complaints: [String] = []
        var types: [String: String] = [:]
        var helped: Set<String> = []
        var seen: Set<String> = []
        var samples: [(name: String, labels: String, value: Double)] = []
        if !text.isEmpty, !text.hasSuffix("\n") { complaints.append("the last line has no end") }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP "), words.count == 4 {
                if !helped.insert(words[2]).inserted { complaints.append("\(words[2]) has two HELP lines") }
            } else if line.hasPrefix("# TYPE "), words.count == 4 {
                if types.updateValue(words[3], forKey: words[2]) != nil { complaints.append("\(words[2]) has two TYPE lines") }
                if !helped.contains(words[2]) { complaints.append("\(words[2]) has no HELP line before its TYPE") }
                complaints += nameComplaints(words[2], type: words[3])
            } else if line.hasPrefix("#") {
                complaints.append("not understood: \(line)")
            } else {
                let brace = line.firstIndex(of: "{")
                let end = line.lastIndex(of: "}")
                let name = String(line[..<(brace ?? line.firstIndex(of: " ") ?? line.endIndex)])
                let labels = brace.flatMap { start in end.map { String(line[line.index(after: start)..<$0]) } } ?? ""
                guard let value = line.split(separator: " ").last.flatMap({ Double($0) }) else {
                    complaints.append("no value: \(line)")
                    continue
                }
                if !seen.insert("\(name){\(labels)}").inserted { complaints.append("\(name){\(labels)} is there twice") }
                samples.append((name, labels, value))
            }
        }
        for sample in samples where types[family(of: sample.name, types)] == nil { complaints.append("\(sample.name) has no TYPE") }
        for (name, type) in types where type == "histogram" {
            complaints += histogramComplaints(name, samples.filter { family(of: $0.name, types) == name })
        }
        return complaints
    }

    private static func family(of name: String, _ types: [String: String]) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let family = String(name.dropLast(suffix.count))
            if types[family] == "histogram" { return family }
        }
        return name
    }

    private static func nameComplaints(_ name: String, type: String) -> [String] {
        var complaints: [String] = []
        if !name.hasPrefix("signalbox_") || !name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }) {
            complaints.append("\(name) is no name of ours")
        }
        if (type == "counter") != name.hasSuffix("_total") { complaints.append("\(name) is a \(type): only counters end in _total") }
        for unit in ["_ms", "_milliseconds", "_microseconds", "_minutes", "_kilobytes", "_mb", "_percent"] where name.contains(unit) {
            complaints.append("\(name) is not in a base unit")
        }
        if type == "histogram", !name.hasSuffix("_seconds"), !name.hasSuffix("_bytes") { complaints.append("\(name) has no unit") }
        return complaints
    }

    private static func histogramComplaints(_ name: String, _ samples: [(name: String, labels: String, value: Double)]) -> [String] {
        var complaints: [String] = []
        var last: [String: (bound: Double, count: Double)] = [:]
        for sample in samples where sample.name == name + "_bucket" {
            let parts = sample.labels.split(separator: ",").map(String.init)
            let others = parts.filter { !$0.hasPrefix("le=") }.joined(separator: ",")
            guard let text = parts.first(where: { $0.hasPrefix("le=") })?.dropFirst(4).dropLast(),
                let bound = text == "+Inf" ? .infinity : Double(text)
            else {
                complaints.append("\(name)_bucket has no le: \(sample.labels)")
                continue
            }
            if let before = last[others], before.bound >= bound || before.count > sample.value {
                complaints.append("\(name){\(others)} does not grow at le=\(bound)")
            }
            last[others] = (bound, sample.value)
        }
        for sample in samples where sample.name == name + "_count" {
            if last[sample.labels]?.bound != .infinity { complaints.append("\(name){\(sample.labels)} has no bucket +Inf") }
            if last[sample.labels]?.count != sample.value { complaints.append("\(name){\(sample.labels)}'s count is not its last bucket") }
        }
        return complaints
    }
}
