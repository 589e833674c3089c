import Topology

extension SupervisionState {
    // MARK: Start

    mutating func start(_ definitions: [SupervisedService], _ remembered: SupervisionEvent.Remembered, _ found: [FoundProcess]) {
        guard services.isEmpty else { return }
        self.remembered = remembered
        let wish = Wish("it is declared", by: Wish.supervisor)
        for definition in definitions {
            let byHand = definition.kind == .service ? remembered.scaledByHand[definition.name].map { clamp($0, definition) } : nil
            var service = ServiceState(definition: definition, desired: byHand ?? definition.instances, wish: wish)
            service.scaledByHand = byHand
            service.isHeld = remembered.held.contains(definition.name)
            if service.isHeld { service.wish = Wish("stop", by: "a person, before the supervisor was started again") }
            services.append(service)
        }
        for process in found.sorted(by: { $0.id < $1.id }) { adopt(process) }
        isUnsettled = true
    }

    private mutating func adopt(_ found: FoundProcess) {
        if index(of: found.id.service) == nil {
            guard case .running = found.condition else { return effects.append(.forget(found.id)) }
            // Known only for being ended: with the rules that anything without a declaration has.
            let undeclared = SupervisedService(name: found.id.service, instances: 0)
            var service = ServiceState(definition: undeclared, desired: 0, wish: Wish("it is not declared any more", by: Wish.supervisor))
            service.isRemoved = true
            service.provisioning = .done
            services.append(service)
        }
        guard let s = index(of: found.id.service) else { return }
        var i = services[s].index(of: found.id.number)
        if i == nil {
            let position = services[s].instances.firstIndex { $0.number > found.id.number } ?? services[s].instances.endIndex
            services[s].instances.insert(Instance(number: found.id.number), at: position)
            i = position
        }
        guard let i else { return }
        switch found.condition {
        case .running(let process, let isReady):
            rise(s, i, process, isReady: isReady, cause: "it was found running", evidence: process.pid.map { "pid \($0)" })
            if process.isReadyNotified { notifiedReady(found.id) }
        case .ended(let termination):
            effects.append(.forget(found.id))
            services[s].instances[i].lastExit = termination
            let policy = services[s].definition.restart.policy
            if policy != .always && termination.isSuccess {
                enter(.completed, s, i, cause: "it has done its work", evidence: termination.description)
            } else if policy == .never {
                enter(
                    .failed("it ended with \(termination), and its restart policy is never"), s, i,
                    cause: "it ended while no supervisor was there", evidence: termination.description)
            }
        }
    }

    // MARK: Apply

    mutating func apply(_ definitions: [SupervisedService], actor: String) {
        guard !isShuttingDown else { return }
        let wish = Wish("the topology was applied", by: actor)
        var previous = services
        services = []
        for definition in definitions {
            guard let old = previous.firstIndex(where: { $0.name == definition.name }) else {
                services.append(ServiceState(definition: definition, desired: definition.instances, wish: wish))
                continue
            }
            services.append(previous.remove(at: old))
            change(services.count - 1, to: definition, wish: wish)
        }
        for var gone in previous {
            gone.isRemoved = true
            gone.wish = Wish("it is not declared any more", by: actor)
            services.append(gone)
        }
        for s in services.indices where services[s].definition.kind == .server && !services[s].isRemoved { makeProvisioningDue(s) }
        isUnsettled = true
    }

    private mutating func change(_ s: Int, to definition: SupervisedService, wish: Wish) {
        let old = services[s].definition
        services[s].isRemoved = false
        services[s].wish = wish
        services[s].definition = definition
        if old.instances != definition.instances {
            services[s].scaledByHand = nil
            setDesired(s, definition.instances, wish)
        }
        services[s].scaledByHand = services[s].scaledByHand.map { clamp($0, definition) }
        setDesired(s, clamp(services[s].desired, definition), wish)
        if old.scale != definition.scale { services[s].calm = nil }

        if old.foundation != definition.foundation { services[s].isRecreating = true }
        let isOtherProcess = old.fingerprint != definition.fingerprint || old.isExternal != definition.isExternal
        for i in services[s].instances.indices {
            switch services[s].instances[i].phase {
            case .up(let process, _) where process.fingerprint != definition.fingerprint || old.isExternal != definition.isExternal:
                services[s].instances[i].replacement = Wish("its declaration has changed", by: wish.actor)
            case .up(let process, let health) where probesDiffer(old, definition):
                services[s].instances[i].replacement = nil
                restartProbes(s, i, process, health)
            case .up:
                services[s].instances[i].replacement = nil
            case .failed where isOtherProcess, .completed where isOtherProcess, .backoff where isOtherProcess:
                services[s].instances[i].history = RestartHistory()
                enter(.stopped, s, i, cause: "its declaration has changed", actor: wish.actor)
            default:
                break
            }
        }
    }

    private func probesDiffer(_ old: SupervisedService, _ new: SupervisedService) -> Bool {
        SupervisedProbe.Purpose.allCases.contains { old.probe(for: $0) != new.probe(for: $0) }
    }

    /// Asks by the new rules from now on. What was ready stays so until a probe says otherwise.
    private mutating func restartProbes(_ s: Int, _ i: Int, _ process: RunningProcess, _ old: ProcessHealth) {
        guard !old.isEnding else { return }
        let definition = services[s].definition
        let isStarted = old.isStarted || definition.startup == nil
        let isReady = isStarted && (old.isReady || definition.readiness == nil)
        var health = ProcessHealth(isStarted: isStarted, isReady: isReady)
        health.hasBeenReady = old.hasBeenReady || isReady
        effects.append(.stopProbes(id(s, i)))
        enter(.up(process, health), s, i, cause: "its probes have changed", actor: services[s].wish.actor)
        let purposes: [SupervisedProbe.Purpose] = isStarted ? [.readiness, .liveness] : [.startup]
        effects.append(.startProbes(id(s, i), process, purposes.filter { definition.probe(for: $0) != nil }))
    }

    private func clamp(_ count: Int, _ definition: SupervisedService) -> Int {
        min(max(count, definition.range.lowerBound), definition.range.upperBound)
    }
}
