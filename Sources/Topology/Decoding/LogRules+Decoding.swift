extension LogRules {
    /// - Parameter rules: what holds of keys that are not given.
    init(from field: Field, else rules: LogRules) {
        let reader = ObjectReader(field, LogKey.self)
        self = rules
        destination = reader[.to]?.choice(Destination.self) ?? destination
        maximumSize = reader[.maxSize]?.size(in: TopologyBounds.logSize) ?? maximumSize
        keep = reader[.keep]?.integer(in: TopologyBounds.logFiles) ?? keep
        maximumAge = reader[.maxAge]?.duration(in: TopologyBounds.logAge) ?? maximumAge
        for key in [LogKey.maxSize, .keep, .maxAge] where destination == .journal {
            reader[key]?.report("\(key.rawValue) is for files, and the output goes to the journal alone; remove it, or write \"to: both\"")
        }
    }
}
