import AMQP

extension TestBroker {
    /// Makes a publish or a request and waits for what comes of it. A deadline passes by real time or by the test's clock, whichever comes to
    /// it first.
    func make(
        _ kind: Call.Kind, _ publication: AMQPPublication, session: UInt64, deadline: ContinuousClock.Instant
    ) async -> Call.Outcome {
        let call = begin(kind, publication, session: session, deadline: deadline)
        return await outcome(of: call, deadline: deadline)
    }

    func begin(_ kind: Call.Kind, _ publication: AMQPPublication, session: UInt64, deadline: ContinuousClock.Instant) -> Call {
        let patience = ContinuousClock.now.duration(to: deadline)
        return change { state, time in
            let call = Call(
                id: state.makeID(), connection: session, publication: publication, kind: kind, deadline: time.offset + patience,
                promise: Promise())
            state.make(call, at: time)
            return call
        }
    }

    func outcome(of call: Call, deadline: ContinuousClock.Instant) async -> Call.Outcome {
        if let outcome = call.promise.resolved { return outcome }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                if !Task.isCancelled { self.expire(call) }
            }
            group.addTask { [clock] in
                try? await clock.sleep(for: call.deadline - clock.offset)
                if !Task.isCancelled { self.expire(call) }
            }
            let outcome = await withTaskCancellationHandler {
                await call.promise.value
            } onCancel: {
                self.change { state, _ in _ = state.abandon(call.id) }
                call.promise.resolve(
                    .failure(AMQPError(.cancelled, "the task that published was cancelled; the message may have arrived")))
            }
            group.cancelAll()
            return outcome
        }
    }

    private func expire(_ call: Call) {
        let error = change { state, _ in state.abandon(call.id) }
        call.promise.resolve(.failure(error))
    }
}
