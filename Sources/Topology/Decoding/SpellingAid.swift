/// Finds what somebody most likely meant by a misspelt name.
enum SpellingAid {
    /// Longer names are not compared: the work grows with the square of the length.
    private static let longestCompared = 64

    /// The nearest of `known` if it is near enough to be meant: at most a third of the letters differ.
    static func nearest(to name: String, in known: some Sequence<String>) -> String? {
        guard name.count <= longestCompared else { return nil }
        let wanted = Array(name.lowercased())
        let candidates = known.filter { $0.count <= longestCompared }.map { ($0, distance(wanted, Array($0.lowercased()))) }
        guard let best = candidates.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(1, max(wanted.count, best.0.count) / 3) ? best.0 : nil
    }

    /// ` Did you mean "order"?`, or nothing.
    static func question(_ name: String, in known: some Sequence<String>) -> String {
        nearest(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other (optimal string alignment).
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (row, letter) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
