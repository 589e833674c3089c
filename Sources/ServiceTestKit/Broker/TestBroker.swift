public import AMQP
public import ServiceKit
internal import FoundationEssentials
internal import Synchronization

/// A broker in memory, in a test's own time, that does for services what RabbitMQ 3.10 does.
///
/// It obeys the same property suite (Tests/MessagingProperties) as the real one. It has no users and permissions, no memory and no disk;
/// a confirm comes at once; and it never forgets a message, durable or not.
public final class TestBroker: Sendable {
    public let clock: TestClock
    public let topology: TestTopology
    private let state: Mutex<BrokerState>
    private let timer: UInt64

    public init(_ topology: TestTopology = TestTopology(), clock: TestClock = TestClock()) {
        self.clock = clock
        self.topology = topology
        timer = clock.makeTimer()
        var state = BrokerState()
        for exchange in topology.exchanges { state.model.declare(exchange) }
        for queue in topology.queues { state.model.declare(queue) }
        for binding in topology.bindings { state.model.bind(binding) }
        self.state = Mutex(state)
        self.state.withLock { state in
            state.settle = { [weak self] channel, tag, queue, settlement in
                self?.change { $0.settle(channel, tag, of: queue, settlement, at: $1) }
            }
        }
    }

    /// - Parameter path: of a topology file.
    /// - Throws: `TestKitError` with every mistake in it.
    public convenience init(topology path: String, clock: TestClock = TestClock()) throws {
        self.init(try TestTopology(file: path), clock: clock)
    }

    // MARK: - Clients

    public func publisher() -> TestPublisher {
        TestPublisher(broker: self, session: change { $0.connect(at: $1) })
    }

    public func consumer() -> TestConsumer {
        TestConsumer(broker: self, session: change { $0.connect(at: $1) })
    }

    /// One with an exclusive reply queue.
    public func requester() -> TestRequester {
        TestRequester(broker: self, session: change { $0.connect(replyQueue: "signalbox.reply.test-\($0.makeID())", at: $1) })
    }

    /// For a `ServiceApplication`. A service that runs twice needs two.
    public func serviceBroker() -> ServiceBroker {
        ServiceBroker(publisher: publisher(), consumer: consumer())
    }

    // MARK: - Declarations

    public func declare(_ exchange: TestExchange) {
        change { state, _ in state.model.declare(exchange) }
    }

    /// A no-op where it is there already. What consumes it and found it missing is given its messages from now on.
    public func declare(_ queue: TestQueue) {
        change { state, time in
            state.model.declare(queue)
            state.attach(at: time)
        }
    }

    public func bind(_ binding: TestBinding) {
        change { state, _ in state.model.bind(binding) }
    }

    public func unbind(_ binding: TestBinding) {
        change { state, _ in state.model.unbind(binding) }
    }

    /// With all that is in it; its consumers try again until it is there.
    public func delete(queue: String) {
        change { state, _ in state.deleteQueue(queue) }
    }

    // MARK: - Looking

    /// What waits in a queue and is with no consumer, the next one first.
    public func messages(in queue: String) -> [AMQPMessage] {
        look { $0.model.queues[queue]?.ready.map(\.message) ?? [] }
    }

    /// How many are with consumers and not settled.
    public func unsettledCount(in queue: String) -> Int {
        look { $0.model.queues[queue]?.heldCount ?? 0 }
    }

    public func consumerCount(of queue: String) -> Int {
        look { $0.model.queues[queue]?.consumerCount ?? 0 }
    }

    /// What was published and taken, by whomever, in its order.
    public var published: [AMQPPublication] {
        look { $0.published.all }
    }

    /// The events of one type that were published and taken, in their order.
    /// - Throws: where one of them does not decode.
    public func published<E: Event>(_ event: E.Type) throws -> [E] {
        try published.filter { $0.message.properties.type == E.type }.map { try $0.message.decode(event) }
    }

    // MARK: - Faults

    /// Cuts every connection, and lets none come back before `restoreConnections`: what consumers hold goes back to its queues, exclusive
    /// queues are gone, and what is published waits until its deadline.
    public func cutConnections() {
        change { state, time in
            state.isCut = true
            for session in state.sessions.keys.sorted() { state.cut(session, at: time) }
        }
    }

    /// The clients connect at once, consume again, and publish what waited.
    public func restoreConnections() {
        change { state, time in
            state.isCut = false
            for session in state.sessions.keys.sorted() { state.restore(session, at: time) }
        }
    }

    /// The next publishes (and requests) arrive, but their connections are cut before the confirm: each client sends its message again
    /// after `restoreConnections`, under the same id, so that it comes twice.
    public func loseNextConfirms(_ count: Int = 1) {
        change { state, _ in state.confirmsToLose += max(0, count) }
    }

    /// As a memory alarm does: nothing more is taken, and what is published waits until its deadline; consumers go on.
    public func blockPublishers() {
        change { state, _ in state.isBlocked = true }
    }

    public func unblockPublishers() {
        change { state, time in
            state.isBlocked = false
            state.sendWaiting(at: time)
        }
    }

    // MARK: -

    /// Changes the broker, and sees to it that what expires next does.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout BrokerState, BrokerTime) -> Result) -> Result {
        clock.noteActivity()
        return state.withLock { state in
            let result = body(&state, clock.brokerTime)
            clock.set(timer, at: state.model.nextExpiry) { [weak self] in
                self?.change { state, time in
                    state.model.timePassed(to: time)
                    state.hand(at: time)
                }
            }
            return result
        }
    }

    func look<Result: Sendable>(_ body: (BrokerState) -> Result) -> Result {
        state.withLock { body($0) }
    }
}

extension TestClock {
    fileprivate var brokerTime: BrokerTime {
        BrokerTime(offset: offset, secondsSince1970: Int64(now.timeIntervalSince1970.rounded(.down)))
    }
}
