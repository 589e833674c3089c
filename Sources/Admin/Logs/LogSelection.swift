import Supervision

/// Whose lines are wanted.
struct LogSelection: Sendable, Equatable {
    struct Name: Sendable, Equatable {
        var service: String
        /// Nil: all of them.
        var instance: Int?
    }

    /// Nil: everybody's.
    var names: [Name]?
    var instance: Int?

    init(names: [Name]? = nil, instance: Int? = nil) {
        self.names = names
        self.instance = instance
    }

    /// - Parameter list: `order,payment/2`.
    /// - Returns: Nil when it is no such list.
    init?(list: String, instance: Int?) {
        var names: [Name] = []
        for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
            guard let service = parts.first, !service.isEmpty, parts.count <= 2 else { return nil }
            guard parts.count == 2 else {
                names.append(Name(service: String(service)))
                continue
            }
            guard let number = Int(parts[1]), number > 0 else { return nil }
            names.append(Name(service: String(service), instance: number))
        }
        self.init(names: names, instance: instance)
    }

    func contains(_ log: LogFile) -> Bool {
        let isNamed =
            names?.contains { $0.service == log.service && ($0.instance.map { $0 == log.instance } ?? true) } ?? true
        return isNamed && (instance.map { $0 == log.instance } ?? true)
    }
}
