/// Whether to connect, and when: the life of a connection over all its links.
struct Recovery {
    enum State: Equatable {
        /// Nothing was asked for yet; `start` comes next.
        case idle
        /// A link is being made: it opens or fails.
        case connecting
        /// A link is open, since then; it can only fail.
        case up(since: ContinuousClock.Instant)
        /// A timer runs before the next link is made.
        case waiting
        /// For good.
        case closed
    }

    enum Action: Equatable {
        case connect
        case wait(Duration)
        case none
    }

    /// A link that lived for less counts as one more failure, so that one that opens and breaks at once is not made anew without a pause.
    static let stable: Duration = .seconds(5)

    private(set) var state = State.idle
    private var backoff = Backoff()

    mutating func started() -> Action {
        guard state == .idle else { return .none }
        state = .connecting
        return .connect
    }

    mutating func opened(at now: ContinuousClock.Instant) {
        guard state == .connecting else { return }
        state = .up(since: now)
    }

    /// - Parameter random: 0 up to 1.
    mutating func failed(at now: ContinuousClock.Instant, random: Double) -> Action {
        switch state {
        case .up(let since):
            if since.duration(to: now) >= Self.stable { backoff.reset() }
        case .connecting: break
        case .idle, .waiting, .closed: return .none
        }
        state = .waiting
        return .wait(backoff.next(random: random))
    }

    mutating func waited() -> Action {
        guard state == .waiting else { return .none }
        state = .connecting
        return .connect
    }

    mutating func closed() {
        state = .closed
    }
}
