extension SupervisionState {
    /// Replaces processes that are to be replaced: those that do no work at once, the others one after the other, each only when all that
    /// have been replaced before it are ready.
    mutating func settleReplacements(_ s: Int) {
        guard !isShuttingDown, !services[s].isRemoved, !services[s].isHeld else { return }
        let instances = services[s].instances
        guard instances.contains(where: { $0.replacement != nil }) else { return }
        guard unsatisfiedDependencies(of: services[s].definition).isEmpty else { return }

        for (i, instance) in instances.enumerated() {
            guard let wish = instance.replacement, instance.intent == .run, case .up(let process, let health) = instance.phase,
                !health.isReady,
                !health.isEnding, isKnownUnready(process, health)
            else { continue }
            services[s].instances[i].replacement = nil
            endProcess(s, i, because: .asked, wish: wish)
        }
        let isUnderWay = services[s].instances.contains { instance in
            instance.replacement == nil && instance.intent == .run && !instance.phase.isAtRest
        }
        guard !isUnderWay, !services[s].instances.contains(where: isFailed) || services[s].instances.count == 1,
            let next = services[s].instances.firstIndex(where: { $0.replacement != nil && $0.intent == .run && $0.phase.isReady }),
            let wish = services[s].instances[next].replacement
        else { return }
        services[s].instances[next].replacement = nil
        endProcess(s, next, because: .asked, wish: wish)
    }

    /// One that has only just been started, or found, may be ready without our knowing.
    private func isKnownUnready(_ process: RunningProcess, _ health: ProcessHealth) -> Bool {
        health.hasBeenReady || health.readiness.failures > 0 || health.startup.failures > 0
            || now - process.upSince >= Self.patienceWithSilence
    }

    private func isFailed(_ instance: Instance) -> Bool {
        if case .failed = instance.phase { true } else { false }
    }
}
