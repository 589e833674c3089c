extension SupervisionState {
    mutating func makeProvisioningDue(_ s: Int) {
        markChanged(s)
        services[s].provisioning = .due
        services[s].provisioningGeneration += 1
    }

    mutating func settleProvisioning(_ s: Int) {
        guard !isShuttingDown, !services[s].isEnding, services[s].readyCount > 0 else { return }
        switch services[s].provisioning {
        case .due: services[s].provisioningAttempts = 0
        case .failed(_, let retryAt) where retryAt <= now: break
        case .failed, .running, .done: return
        }
        services[s].provisioning = .running
        services[s].provisioningGeneration += 1
        effects.append(.provision(services[s].name, generation: services[s].provisioningGeneration))
    }

    mutating func provisioned(_ name: String, generation: Int) {
        guard let s = index(of: name), services[s].provisioning == .running, services[s].provisioningGeneration == generation else {
            return
        }
        services[s].provisioning = .done
        markChanged(s)
        recordService(s, from: "unprepared", to: "prepared", cause: "what the topology declares in it is there")
    }

    mutating func provisioningFailed(_ name: String, generation: Int, reason: String) {
        guard let s = index(of: name), services[s].provisioning == .running, services[s].provisioningGeneration == generation else {
            return
        }
        services[s].provisioningAttempts += 1
        markDirty(s)
        let attempts = services[s].provisioningAttempts
        var delay = Self.provisioningBackoff
        for _ in 1..<max(1, attempts) where delay < Self.provisioningMaximumBackoff { delay = delay * 2 }
        services[s].provisioning = .failed(reason, retryAt: now + min(delay, Self.provisioningMaximumBackoff))
        if attempts == 1 { recordService(s, from: "unprepared", to: "unprepared", cause: "preparing it failed", evidence: reason) }
    }
}
