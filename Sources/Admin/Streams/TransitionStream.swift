import Supervision

/// Transitions from the past and those to come, without a gap and without one twice.
enum TransitionStream {
    /// A client that is further behind is cut off; it comes back with Last-Event-ID and misses nothing.
    private static let maximumWaiting = 1000

    /// - Parameter after: all that came after it; nil: the newest `limit`.
    static func elements(
        of control: any SupervisorControl, after: Int?, limit: Int, service: String? = nil
    ) async -> AsyncStream<ServerSentEvents.Element> {
        // Subscribed before the past is read, so that nothing falls between.
        let coming = await control.follow()
        let past = await control.transitions(of: service, after: after, limit: after == nil ? limit : maximumWaiting)
        let (elements, continuation) = AsyncStream.makeStream(
            of: ServerSentEvents.Element.self, bufferingPolicy: .bufferingOldest(2 * maximumWaiting))
        for transition in past { continuation.yield(.transition(transition)) }
        if after != nil, past.count >= maximumWaiting {
            // There may be more than it can be given at once.
            continuation.finish()
            return elements
        }
        let last = past.last?.sequence ?? after ?? 0
        // Not structured: the answer pulls from the stream, whose end cancels both.
        let feeding = Task {
            for await transition in coming where transition.sequence > last && service.map({ $0 == transition.service }) ?? true {
                guard case .enqueued(let room) = continuation.yield(.transition(transition)) else { break }
                if room <= 1 { break }
            }
            continuation.yield(.end("this client is too far behind, or the supervisor ends: come back with Last-Event-ID"))
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
