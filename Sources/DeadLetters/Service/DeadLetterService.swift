import AMQP
import EventThread
package import Logging

/// Holds every dead letter of a topology's queues: it consumes the dead-letter queues and acknowledges nothing, so that all of them can be
/// listed, looked at, sent back and deleted one by one, in any order. The broker has them all: when this process ends, however it ends, they
/// are back in their queues, in their order.
package actor DeadLetterService: DeadLetterControl {
    /// Where the broker is, and what is held there.
    package struct Place: Sendable, Equatable {
        /// Of a user that may read the dead-letter queues and write to the default exchange.
        package var url: String
        /// By the queue that the letters came from: the dead-letter queue.
        package var queues: [String: String]

        package init(url: String, queues: [String: String]) {
            self.url = url
            self.queues = queues
        }
    }

    /// Asked with a queue's name before letters are sent back to it: why that has to wait; nil: it has not.
    package typealias Obstacle = @Sendable (_ queue: String) async -> String?

    /// Of one overview.
    package static let shownGroups = 500
    /// How long a call waits for a queue that is being read, or a replay, before it tells how far it is.
    static let patience: Duration = .seconds(4)
    static let pollInterval: Duration = .milliseconds(10)
    /// Results of replays that are remembered.
    static let mostStatuses = 50

    private nonisolated let thread = EventThread(name: "dead-letters")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let folder: String
    let logger: Logger
    var obstacle: Obstacle = { _ in nil }
    var place: Place?
    var configuration: AMQPConfiguration?
    var consumer: AMQPConsumer?
    /// By the queue that the letters came from.
    var held: [String: HeldQueue] = [:]
    var edits: EditStore?
    var statuses: [String: ReplayStatus] = [:]
    /// The ids of `statuses`, oldest first.
    var statusOrder: [String] = []
    /// Those of the replays under way.
    var publishers: [String: AMQPPublisher] = [:]
    private var tasks: [UInt64: Task<Void, Never>] = [:]
    private var lastTask: UInt64 = 0

    /// - Parameter folder: of its own; made when it is needed.
    package init(folder: String, logger: Logger) {
        self.folder = folder
        var logger = logger
        // A broker that is away is told of by those whose work it is.
        logger.logLevel = max(logger.logLevel, .notice)
        self.logger = logger
    }

    /// Holds the dead letters there, and no others; goes on with the replays that were under way. A no-op for the same place again.
    /// - Parameter place: nil: there is no broker.
    /// - Throws: `.stateDirectory`, `.broker` (the URL cannot be used).
    package func update(_ place: Place?, obstacle: @escaping Obstacle = { _ in nil }) async throws(DeadLetterError) {
        guard place != self.place else { return }
        await close()
        self.obstacle = obstacle
        guard let place else { return }
        try DurableFile.makeFolder(folder)
        let configuration: AMQPConfiguration
        do { configuration = try AMQPConfiguration(url: place.url, connectionName: "signalbox dead letters") } catch {
            throw DeadLetterError(.broker, error.message, underlying: error)
        }
        self.place = place
        self.configuration = configuration
        edits = EditStore(folder: folder)
        var quiet = logger
        quiet.logLevel = .critical
        let consumer = AMQPConsumer(configuration: configuration, logger: quiet)
        self.consumer = consumer
        for (name, deadLetterQueue) in place.queues {
            let queue = HeldQueue(name: name, deadLetterQueue: deadLetterQueue)
            held[name] = queue
            addTask { await $0.hold(name, by: consumer) }
        }
        addTask { await $0.beat(consumer) }
        for journal in ReplayJournal.all(folder: folder) where held[journal.queue] != nil {
            logger.notice("going on with replay \(journal.id) of dead letters to \(journal.queue)")
            begin(journal)
        }
    }

    /// Lets go of everything: what is held goes back to its queue, and a replay under way goes on when the place is known again.
    package func close() async {
        place = nil
        let ending = Array(tasks.values)
        for task in ending { task.cancel() }
        let old = consumer
        consumer = nil
        held = [:]
        for publisher in publishers.values { await publisher.close() }
        await old?.close()
        for task in ending { await task.value }
    }

    /// Not awaited but by `close`, which ends it.
    func addTask(_ body: @escaping @Sendable (isolated DeadLetterService) async -> Void) {
        lastTask += 1
        let id = lastTask
        tasks[id] = Task {
            await body(self)
            tasks[id] = nil
        }
    }

    // MARK: Queues

    /// By its own name or its dead-letter queue's.
    func queue(_ name: String) throws(DeadLetterError) -> HeldQueue {
        guard place != nil else { throw Self.notReady }
        guard let queue = held[name] ?? held.values.first(where: { $0.deadLetterQueue == name }) else {
            throw DeadLetterError(
                .unknownQueue, "there is no durable queue \"\(name)\" in the topology; dead letters are listed by the queue they came from")
        }
        return queue
    }

    /// - Parameter name: nil: all, by name.
    func queues(_ name: String?) throws(DeadLetterError) -> [HeldQueue] {
        if let name { return [try queue(name)] }
        guard place != nil else { throw Self.notReady }
        return held.values.sorted { $0.name < $1.name }
    }

    static let notReady = DeadLetterError(
        .notReady, "the broker is not ready; try again once `signalbox status` shows it as ready")

    /// Waits for a while for queues that are being read.
    func waitUntilLoaded(_ queues: [HeldQueue]) async {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, queues.contains(where: { !$0.isLoaded && $0.problem == nil }), !Task.isCancelled {
            try? await Task.sleep(for: Self.pollInterval)
        }
    }

    /// To act on a part of a queue in the belief that it is all of it would be wrong, and on what the broker may have given to others as well.
    func requireLoaded(_ queue: HeldQueue) async throws(DeadLetterError) {
        await waitUntilLoaded([queue])
        let isConnected = await consumer?.isConnected ?? false
        guard isConnected, !queue.isLost else {
            throw DeadLetterError(.broker, "there is no connection to the broker at the moment; nothing has been done, try again")
        }
        if let problem = queue.problem {
            throw DeadLetterError(.broker, "the dead letters of \(queue.name) cannot be read: \(problem)")
        }
        guard queue.isLoaded else {
            throw DeadLetterError(
                .notReady, "the dead letters of \(queue.name) are still being read, \(queue.index.count) so far; try again")
        }
    }
}
