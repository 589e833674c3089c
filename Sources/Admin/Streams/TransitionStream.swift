import Supervision

/// Transitions from the past and those to come, without a gap and without one twice.
enum TransitionStream {
    /// A client that is further behind is cut off; it comes back with Last-Event-ID and misses nothing.
    private static let maximumWaiting = 1000

    static func elements(
        of control: any SupervisorControl, after: Int, limit: Int, service: String? = nil
    ) async -> AsyncStream<ServerSentEvents.Element> {
        // Subscribed before the past is read, so that nothing falls between.
        let coming = await control.follow()
        let past = await control.transitions(after: after, limit: limit, of: service)
        let (elements, continuation) = AsyncStream.makeStream(
            of: ServerSentEvents.Element.self, bufferingPolicy: .bufferingOldest(maximumWaiting + limit))
        for transition in past { continuation.yield(.transition(transition)) }
        let last = past.last?.sequence ?? after
        // Not structured: the answer pulls from the stream, whose end cancels both.
        let feeding = Task {
            for await transition in coming where transition.sequence > last && service.map({ $0 == transition.service }) ?? true {
                if case .dropped = continuation.yield(.transition(transition)) { break }
            }
            continuation.finish()
        }
        let ticking = Task {
            while true {
                try await Task.sleep(for: ServerSentEvents.keepAlive)
                continuation.yield(.keepAlive)
            }
        }
        continuation.onTermination = { _ in
            feeding.cancel()
            ticking.cancel()
        }
        return elements
    }
}

extension ServerSentEvents.Element {
    fileprivate static func transition(_ transition: TransitionRecord) -> Self {
        .event(id: String(transition.sequence), name: "transition", transition)
    }
}
