/// The life of one subscription over channels and connections.
struct SubscriptionMachine {
    enum State: Equatable {
        /// There is no connection; `connectionOpened` comes, or it is cancelled.
        case disconnected
        /// The channel is being opened and `basic.consume` sent; its answer comes, or the channel is closed.
        case opening
        /// The broker delivers.
        case active
        /// A timer runs before the next attempt; the channel is there still where only the consumer was ended.
        case waiting(hasChannel: Bool)
        /// `basic.cancel` was sent; its answer comes.
        case cancelling
        /// Nothing is delivered any more; the channel stays until what was delivered is settled.
        case draining
        /// For good.
        case ended
    }

    enum Action: Equatable {
        case openChannel
        case consumeAgain
        case retryLater
        case sendCancel
        case closeChannel
        /// Nothing will be delivered any more.
        case finish
        /// It can be forgotten.
        case end
    }

    private(set) var state = State.disconnected

    mutating func connectionOpened() -> [Action] {
        guard state == .disconnected else { return [] }
        state = .opening
        return [.openChannel]
    }

    mutating func connectionLost() -> [Action] {
        switch state {
        case .opening, .active, .waiting:
            state = .disconnected
            return []
        case .cancelling:
            state = .ended
            return [.finish, .end]
        case .draining:
            state = .ended
            return [.end]
        case .disconnected, .ended: return []
        }
    }

    mutating func consumeConfirmed() -> [Action] {
        if state == .opening { state = .active }
        return []
    }

    /// The broker ended the consumer and left the channel.
    mutating func consumerCancelled() -> [Action] {
        guard state == .active else { return [] }
        state = .waiting(hasChannel: true)
        return [.retryLater]
    }

    mutating func channelClosed() -> [Action] {
        switch state {
        case .opening, .active, .waiting(hasChannel: true):
            state = .waiting(hasChannel: false)
            return [.retryLater]
        case .cancelling:
            state = .ended
            return [.finish, .end]
        case .draining:
            state = .ended
            return [.end]
        case .disconnected, .waiting(hasChannel: false), .ended: return []
        }
    }

    mutating func retryDue() -> [Action] {
        guard case .waiting(let hasChannel) = state else { return [] }
        state = .opening
        return [hasChannel ? .consumeAgain : .openChannel]
    }

    /// - Parameter hasUnsettled: deliveries were handed out and are not settled.
    mutating func cancelRequested(hasUnsettled: Bool) -> [Action] {
        switch state {
        case .active:
            state = .cancelling
            return [.sendCancel]
        case .waiting(hasChannel: true) where hasUnsettled:
            state = .draining
            return [.finish]
        case .opening, .waiting(hasChannel: true):
            state = .ended
            return [.closeChannel, .finish, .end]
        case .disconnected, .waiting(hasChannel: false):
            state = .ended
            return [.finish, .end]
        case .cancelling, .draining, .ended: return []
        }
    }

    mutating func cancelConfirmed(hasUnsettled: Bool) -> [Action] {
        guard state == .cancelling else { return [] }
        state = hasUnsettled ? .draining : .ended
        return hasUnsettled ? [.finish] : [.finish, .closeChannel, .end]
    }

    mutating func allSettled() -> [Action] {
        guard state == .draining else { return [] }
        state = .ended
        return [.closeChannel, .end]
    }

    /// Ends it at once: what was delivered and not settled goes back to the queue.
    mutating func dropped() -> [Action] {
        guard state != .ended else { return [] }
        state = .ended
        return [.closeChannel, .finish, .end]
    }
}
