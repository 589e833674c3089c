/// Collects the mistakes of one file, and remembers where each value stands, so that what is found out later can be said of its place.
final class MistakeLog {
    /// More than a person reads at once; what is beyond is not kept.
    static let maximumMistakes = 200

    struct Place: Hashable {
        var line: Int
        var column: Int
    }

    let file: String
    private(set) var mistakes: [TopologyMistake] = []
    private var values: [FieldPath: Place] = [:]
    private var keys: [FieldPath: Place] = [:]

    init(file: String) {
        self.file = file
    }

    func remember(_ path: FieldPath, key: Place?, value: Place) {
        values[path] = value
        if let key { keys[path] = key }
    }

    func report(_ message: String, line: Int, column: Int) {
        let mistake = TopologyMistake(file: file, line: max(line, 1), column: max(column, 1), message: message)
        guard mistakes.count < Self.maximumMistakes, !mistakes.contains(mistake) else { return }
        mistakes.append(mistake)
    }

    func report(_ message: String, at place: Place) {
        report(message, line: place.line, column: place.column)
    }

    /// Reports of the value at the path, or of the nearest that the file has above it.
    func report(_ message: String, ofValueAt path: FieldPath) {
        report("\(path): \(message)", at: place(of: path, in: values))
    }

    /// Reports of the name that leads to the value: of a whole service or queue.
    func report(_ message: String, ofKeyAt path: FieldPath) {
        report("\(path): \(message)", at: place(of: path, in: keys))
    }

    func hasValue(at path: FieldPath) -> Bool { values[path] != nil }
    func line(ofValueAt path: FieldPath) -> Int { place(of: path, in: values).line }

    private func place(of path: FieldPath, in places: [FieldPath: Place]) -> Place {
        var path: FieldPath? = path
        while let wanted = path {
            if let place = places[wanted] ?? values[wanted] { return place }
            path = wanted.parent
        }
        return Place(line: 1, column: 1)
    }
}
