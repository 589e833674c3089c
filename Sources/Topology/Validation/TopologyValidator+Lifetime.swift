/// What makes no sense of a service that is meant to end.
extension TopologyValidator {
    func validateLifetime(of service: Service, at path: FieldPath) {
        guard service.lifetime != .continuous else { return }
        let title = service.lifetime.title
        let refused: [(ServiceKey, String)] = [
            (.startup, "\(title) is never ready, so there is nothing to find out"),
            (.readiness, "\(title) is never ready: what waits for it waits for its end"),
            (.liveness, "\(title) ends by itself; where it may hang, give it a watchdog"),
            (.scale, "\(title) is run by one instance"),
            (.listen, "\(title) would keep nobody behind its sockets when it has ended"),
            (.update, "\(title) is not replaced while it runs"),
        ]
        for (key, reason) in refused where log.hasValue(at: path / key.rawValue) {
            log.report("\(reason); remove \(key.rawValue)", ofKeyAt: path / key.rawValue)
        }
        if service.instances > 1 {
            log.report("found \(service.instances), but \(title) is run by one instance; remove it", ofValueAt: path / "instances")
        }
        if service.restart.policy == .always {
            let policy = path / "restart" / "policy"
            log.report(
                "found \"always\", but \(title) is meant to end; write on-failure or never",
                ofValueAt: log.hasValue(at: policy) ? policy : path / "restart")
        }
    }

    /// What stands in the way of waiting for `other` to be so; nil: nothing.
    func mistake(waitingFor condition: Dependency.Condition, of other: Service) -> String? {
        switch (other.lifetime, condition) {
        case (.scheduled, _):
            "\(other.name) runs at the times of its schedule only, so that nothing can wait for it; remove it, or make \(other.name) a one-shot"
        case (.once, .ready):
            "\(other.name) is a one-shot, which is never ready; write { \(other.name): completed }"
        case (.continuous, .completed):
            "\(other.name) is meant to go on, so that it never completes; give it \"type: one-shot\", or wait for it to be ready"
        default: nil
        }
    }

    /// What stands in the way of a service that has to be there whenever something comes for it.
    func mistake(relyingOn service: Service) -> String? {
        service.lifetime == .continuous
            ? nil : "\(service.name) is \(service.lifetime.title), which is not there all the time; name one that goes on"
    }

    /// A rule that waits for more than an instance may use never adds one.
    func validateCores(of service: Service, at path: FieldPath) {
        guard let wanted = service.scale?.cpu, let limit = service.limits.cpu, wanted > limit else { return }
        log.report(
            "found \(wanted) cores, but limits allows an instance \(limit), so that it is never reached; lower it, or raise limits.cpu",
            ofValueAt: path / "scale" / "cpu")
    }
}
