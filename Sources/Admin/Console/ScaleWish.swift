/// What `signalbox scale` is asked for: `order=3`, or `order 3`, any number of them.
package struct ScaleWish: Sendable, Equatable {
    package var service: String
    package var instances: Int

    package init(service: String, instances: Int) {
        self.service = service
        self.instances = instances
    }

    /// - Returns: Nil when the words are not wishes; the caller then says how they are written.
    package static func parse(_ words: [String]) -> [ScaleWish]? {
        var wishes: [ScaleWish] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let count = parts.count == 2 ? parts[1] : rest.popFirst()
            guard let service = parts.first, !service.isEmpty, let count, let instances = Int(count), instances >= 0 else { return nil }
            wishes.append(ScaleWish(service: service, instances: instances))
        }
        return wishes.isEmpty ? nil : wishes
    }
}
