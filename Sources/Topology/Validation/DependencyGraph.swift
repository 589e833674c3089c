/// Which service waits for which.
package struct DependencyGraph: Sendable {
    private let names: [String]
    private let dependencies: [String: [String]]

    package init(_ topology: Topology) {
        names = topology.services.map(\.name)
        let known = Set(names)
        dependencies = Dictionary(
            topology.services.map { service in
                (service.name, service.dependsOn.map(\.name).filter { known.contains($0) && $0 != service.name })
            },
            uniquingKeysWith: { first, _ in first })
    }

    /// Each cycle once, begun at its member that comes first in the file.
    func cycles() -> [[String]] {
        var cycles: [[String]] = []
        var seen: Set<Set<String>> = []
        var isDone: Set<String> = []
        for start in names where !isDone.contains(start) {
            // Depth first without recursion: a file of ten thousand services in a row must not exhaust the stack.
            var way: [String] = [start]
            var onWay: Set<String> = [start]
            var next: [Int] = [0]
            while let current = way.last, let position = next.last {
                let targets = dependencies[current] ?? []
                guard position < targets.count else {
                    isDone.insert(current)
                    onWay.remove(current)
                    way.removeLast()
                    next.removeLast()
                    continue
                }
                next[next.count - 1] += 1
                let target = targets[position]
                if onWay.contains(target), let begin = way.firstIndex(of: target) {
                    let cycle = Array(way[begin...])
                    if seen.insert(Set(cycle)).inserted { cycles.append(rotated(cycle)) }
                } else if !isDone.contains(target) {
                    way.append(target)
                    onWay.insert(target)
                    next.append(0)
                }
            }
        }
        return cycles
    }

    private func rotated(_ cycle: [String]) -> [String] {
        guard let first = names.first(where: cycle.contains), let index = cycle.firstIndex(of: first) else { return cycle }
        return Array(cycle[index...] + cycle[..<index])
    }
}
