/// That what a queue holds is read, kept in its order, and has somewhere to go when it fails; and that times fit one another.
extension TopologyValidator {
    /// What ServiceKit's inbox remembers is forgotten after 35 days; a day is left for the last attempt.
    static let longestLadder: Duration = .seconds(34 * 86_400)

    func validateKeeping(of queue: Queue, at path: FieldPath) {
        let isRequested = flow.isRequested(queue.name)
        validateConsumer(of: queue, at: path)
        if !queue.durable { validateTransient(queue, at: path) }
        if queue.singleActiveConsumer { validateOrder(of: queue, isRequested: isRequested, at: path / "single_active_consumer") }
        if isRequested { validateRequests(to: queue, at: path) }
        validateTimes(of: queue, at: path)
    }

    private func validateConsumer(of queue: Queue, at path: FieldPath) {
        guard let consumer = topology.service(named: queue.consumer) else { return }
        if consumer.isGateway {
            log.report("\(consumer.name) is the gateway, which reads no queue of this file; name a service", ofValueAt: path / "consumer")
        } else if consumer.scale?.maximum == 0 {
            log.report(
                "\(consumer.name) may have no instance (scale.max is 0), so that nobody ever reads the queue; raise it, or name another service",
                ofValueAt: path / "consumer")
        }
    }

    private func validateTransient(_ queue: Queue, at path: FieldPath) {
        if !queue.bindings.isEmpty {
            log.report(
                "a queue that is not durable has no dead-letter queue and is lost with the broker, and with it the events that it is bound for; remove \"durable: false\"",
                ofValueAt: path / "durable")
        }
        if queue.messageTTL != nil {
            log.report(
                "what runs out in a queue that is not durable is lost, for it has no dead-letter queue; remove message_ttl, or \"durable: false\"",
                ofValueAt: path / "message_ttl")
        }
    }

    private func validateOrder(of queue: Queue, isRequested: Bool, at path: FieldPath) {
        if queue.kind == .classic {
            log.report(
                "a classic queue does not count deliveries, so that one message that ends its process would stop all that are in order behind it; make it a quorum queue, or remove single_active_consumer",
                ofValueAt: path)
        }
        if isRequested {
            log.report(
                "routes put requests into this queue, which have no order, and one instance alone would answer them; remove single_active_consumer",
                ofValueAt: path)
        }
    }

    private func validateRequests(to queue: Queue, at path: FieldPath) {
        if !queue.bindings.isEmpty {
            log.report(
                "routes put requests into this queue, and events come by its bindings; one consumer cannot tell them apart: give each a queue of its own",
                ofValueAt: path / "bindings")
        }
        if queue.retry != nil {
            log.report(
                "routes put requests into this queue, which are answered with their error and not tried again; remove retry",
                ofKeyAt: path / "retry")
        }
    }

    private func validateTimes(of queue: Queue, at path: FieldPath) {
        if let delays = queue.retry?.delays {
            let whole = delays.reduce(Duration.zero, +)
            if whole > Self.longestLadder {
                log.report(
                    "the delays are \(DurationText.write(whole)) together, and after \(DurationText.write(Self.longestLadder)) nobody knows any more what was handled; make them shorter",
                    ofValueAt: path / "retry" / "delays")
            }
        }
        guard let length = queue.maximumLength else { return }
        if queue.prefetch > length, log.hasValue(at: path / "prefetch") {
            log.report(
                "found \(queue.prefetch): an instance would take more at a time than the \(length) that the queue may hold (max_length); lower it, or raise max_length",
                ofValueAt: path / "prefetch")
        }
        for service in topology.services {
            guard let scale = service.scale, scale.queue == queue.name, scale.maximum > 1, scale.backlogPerInstance >= length else {
                continue
            }
            let rule = servicesPath / service.name / "scale"
            log.report(
                "one instance is for \(scale.backlogPerInstance) messages, and \(queue.name) holds \(length) at most, so that a second is never asked for; lower it, or raise max_length",
                ofValueAt: log.hasValue(at: rule / "backlog_per_instance") ? rule / "backlog_per_instance" : rule / "queue")
        }
    }

    /// A durable queue forgets a binding when the exchange goes with the broker's restart.
    func validateLasting(of queue: Queue, to exchange: Exchange, at path: FieldPath) {
        guard queue.durable, !exchange.durable else { return }
        log.report(
            "the exchange \(exchange.name) does not outlive the broker's restart, and this durable queue would get nothing any more; make the exchange durable",
            ofValueAt: path)
    }
}
