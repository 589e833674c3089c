extension ScaleRule {
    init(from field: Field) {
        let reader = ObjectReader(field, ScaleKey.self)
        self.init()
        minimum = reader[.min]?.integer(in: TopologyBounds.instances) ?? minimum
        maximum = reader[.max]?.integer(in: TopologyBounds.instances) ?? max(maximum, minimum)
        queue = reader[.queue]?.nonemptyString(expected: "a queue")
        backlogPerInstance = reader[.backlogPerInstance]?.integer(in: TopologyBounds.backlog) ?? backlogPerInstance
        consumerUtilisation = reader[.consumerUtilisation]?.number(in: TopologyBounds.utilisation)
        cpu = reader[.cpu]?.number(in: TopologyBounds.cores)
        tolerance = reader[.tolerance]?.number(in: TopologyBounds.tolerance) ?? tolerance
        upAfter = reader[.upAfter]?.duration(in: TopologyBounds.scaleDelay) ?? upAfter
        downAfter = reader[.downAfter]?.duration(in: TopologyBounds.scaleDelay) ?? downAfter
        coolDown = reader[.coolDown]?.duration(in: TopologyBounds.scaleDelay) ?? coolDown
        if minimum > maximum {
            (reader[.min] ?? field).report("min is \(minimum) and max is \(maximum); min cannot be more than max")
            maximum = minimum
        }
        for key in [ScaleKey.backlogPerInstance, .consumerUtilisation] where !reader.has(.queue) {
            reader[key]?.report("\(key.rawValue) says nothing without a queue; add \"queue: …\" or remove it")
        }
        for key in [ScaleKey.tolerance, .upAfter, .downAfter, .coolDown] where !reader.has(.queue) && !reader.has(.cpu) {
            reader[key]?.report("\(key.rawValue) says nothing without a rule; add \"queue: …\" or \"cpu: …\", or remove it")
        }
    }
}
