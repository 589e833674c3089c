enum ScaleKey: String, TopologyKey {
    case min, max, queue
    case backlogPerInstance = "backlog_per_instance"
    case consumerUtilisation = "consumer_utilisation"
    case cpu, tolerance
    case upAfter = "up_after"
    case downAfter = "down_after"
    case coolDown = "cool_down"

    static let title = "a scale rule"

    var shape: ValueShape {
        switch self {
        case .min, .max: .integer(TopologyBounds.instances)
        case .queue: .text
        case .backlogPerInstance: .integer(TopologyBounds.backlog)
        case .consumerUtilisation: .number(TopologyBounds.utilisation)
        case .cpu: .number(TopologyBounds.cores)
        case .tolerance: .number(TopologyBounds.tolerance)
        case .upAfter, .downAfter, .coolDown: .duration
        }
    }

    var summary: String {
        switch self {
        case .min: "The fewest instances; 0 if not given."
        case .max: "The most instances; 64 if not given."
        case .queue: "The queue whose backlog the number of instances follows; by hand only if neither this nor cpu is given."
        case .backlogPerInstance: "One instance for so many waiting messages; 100 if not given."
        case .consumerUtilisation:
            "The part of the time in which the queue could hand on at once: below it, while messages wait, one instance more; fewer only above it."
        case .cpu: "The cores that one instance uses on average: so many instances as the sum divided by this; without a queue never none."
        case .tolerance: "The part by which a measure must be off before the number changes; 0.1 if not given."
        case .upAfter: "How long more must be wanted before any are added; 0s if not given."
        case .downAfter: "How long fewer must be wanted before any are taken away; 30s if not given."
        case .coolDown: "From one change to the next; 5s if not given."
        }
    }
}
