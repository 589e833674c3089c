/// Asks one question of one process again and again, until its task is cancelled. Each has a task of its own: none waits for another.
struct Prober: Sendable {
    /// Until the first success, so that what is up is known to be up at once. The failures meanwhile count once a period.
    static let quickPeriod = Duration.milliseconds(100)
    /// Of each pause, so that probes do not march in step.
    static let jitter = 0.1

    let probe: SupervisedProbe
    let purpose: SupervisedProbe.Purpose
    let target: ProbeTarget
    /// The answer is known to have been yes before.
    let hasSucceeded: Bool

    func run(report: @Sendable (ProbeAnswer) async -> Void) async {
        var isQuick = purpose != .liveness && !hasSucceeded
        var nextCount = ContinuousClock.now
        guard await pause(probe.initialDelay + Self.quickPeriod * Double.random(in: 0...0.3)) else { return }
        while !Task.isCancelled {
            let answer = await ProbeCheck.ask(probe.check, of: target, timeout: probe.timeout)
            guard !Task.isCancelled else { return }
            switch answer {
            case .success:
                isQuick = false
                await report(answer)
            case .failure:
                let now = ContinuousClock.now
                if !isQuick || now >= nextCount {
                    nextCount = now + probe.period
                    await report(answer)
                }
            }
            let period = isQuick ? min(probe.period, Self.quickPeriod) : probe.period
            guard await pause(period * Double.random(in: (1 - Self.jitter)...1)) else { return }
        }
    }

    /// False: cancelled.
    private func pause(_ duration: Duration) async -> Bool {
        do { try await Task.sleep(for: duration) } catch { return false }
        return true
    }
}
