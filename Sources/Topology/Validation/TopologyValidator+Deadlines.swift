/// That nobody waits longer than what is waited for can take.
extension TopologyValidator {
    func validateDeadline(of route: Route, at path: FieldPath) {
        let timeout = path / "timeout"
        let answering: Service?
        switch route.target {
        case .service(let name):
            answering = topology.service(named: name)
            if let answering, answering.isGateway {
                log.report(
                    "\(name) is the gateway itself, which would send requests to itself for ever; name another service",
                    ofValueAt: path / "service")
            }
        case .queue(let name, _):
            let queue = topology.queue(named: name)
            answering = queue.flatMap { topology.service(named: $0.consumer) }
            if let ttl = queue?.messageTTL, ttl < route.timeout {
                log.report(
                    "a request may take \(DurationText.write(route.timeout)), but \(name) gives it up after \(DurationText.write(ttl)) (message_ttl) without an answer; raise message_ttl or remove it: a request runs out by itself with its timeout",
                    ofValueAt: log.hasValue(at: timeout) ? timeout : path / "queue")
            }
        }
        // One that is not given is a bound that is seldom reached, and no promise.
        guard log.hasValue(at: timeout), let answering, route.timeout > answering.stop.grace else { return }
        log.report(
            "a request may take \(DurationText.write(route.timeout)), but \(answering.name) is killed \(DurationText.write(answering.stop.grace)) after it was asked to end (stop.grace), in the middle of one; raise stop.grace, or lower timeout",
            ofValueAt: timeout)
    }

    /// An instance that is first asked after it has to be ready is taken back each time.
    func validateBeginning(of service: Service, at path: FieldPath) {
        guard service.lifetime == .continuous else { return }
        for (key, probe) in [(ServiceKey.startup, service.startup), (.readiness, service.readiness)] {
            guard let probe, probe.initialDelay >= service.update.readyWithin else { continue }
            log.report(
                "the first check comes after \(DurationText.write(probe.initialDelay)), but an instance has to be ready within \(DurationText.write(service.update.readyWithin)) (update.ready_within), so that no update would ever succeed; lower it, or raise ready_within",
                ofValueAt: path / key.rawValue / "initial_delay")
        }
    }
}
