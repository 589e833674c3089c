/// Finds what can be reached from itself: Tarjan's strongly connected components, with a stack of its own.
enum RingFinder {
    /// - Parameter edges: of each node, where they lead.
    /// - Returns: of each node, the number of its ring. A node that is in no ring has a number of its own.
    static func rings(_ edges: [[Int]]) -> [Int] {
        let count = edges.count
        var order = Array(repeating: -1, count: count)
        var lowest = Array(repeating: 0, count: count)
        var rings = Array(repeating: -1, count: count)
        var path: [Int] = []
        var visits: [(node: Int, next: Int)] = []
        var visited = 0
        var found = 0
        for root in 0..<count where order[root] < 0 {
            visits.append((root, 0))
            while let (node, next) = visits.last {
                if next == 0 {
                    order[node] = visited
                    lowest[node] = visited
                    visited += 1
                    path.append(node)
                }
                if next < edges[node].count {
                    visits[visits.count - 1].next += 1
                    let target = edges[node][next]
                    if order[target] < 0 {
                        visits.append((target, 0))
                    } else if rings[target] < 0 {
                        lowest[node] = min(lowest[node], order[target])
                    }
                    continue
                }
                visits.removeLast()
                if let (parent, _) = visits.last { lowest[parent] = min(lowest[parent], lowest[node]) }
                guard lowest[node] == order[node] else { continue }
                while let member = path.popLast() {
                    rings[member] = found
                    if member == node { break }
                }
                found += 1
            }
        }
        return rings
    }
}
