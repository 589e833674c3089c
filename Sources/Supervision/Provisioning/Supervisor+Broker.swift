import BrokerTopology
import Logging
import Topology

extension Supervisor {
    /// With the time of one comparison, what differs is known within 10 s.
    static let brokerInterval = Duration.seconds(7)
    static let migrationInterval = Duration.milliseconds(20)
    /// While a migration waits for somebody, or the broker is away.
    static let migrationPause = Duration.seconds(1)

    /// Compares the broker with the topology in force, for as long as the supervisor runs. Nothing is changed by it, but for queues that have
    /// lost their leader before anything could come into them, and for what is not durable and went with the broker's last process.
    func watchBroker() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.brokerInterval) } catch { return }
            do { try await restartStalledBroker() } catch {
                logger.debug("the broker's queues could not be looked at: \(error)")
            }
            do { try await compareBroker() } catch {
                logger.debug("the broker could not be compared: \(error)")
            }
        }
    }

    private func compareBroker() async throws {
        guard let (declaration, broker) = preparedBroker() else {
            brokerWatch.status = nil
            return
        }
        let state = try await broker.read()
        brokerWatch.observe(state)
        let leaderless = brokerWatch.leaderless.intersection(declaration.queues.map(\.name))
        // Nothing was bound to them before they were safe on disk, so nothing has been in them.
        let harmless = declaration.leaderless(leaderless, in: state)
        let plan = BrokerPlan.plan(declaration, state)
        let before = brokerWatch.status
        var status = BrokerStatus(checkedAt: TimeText.iso8601(secondsSince1970: Self.secondsSince1970))
        let migrating = Set(plan.queueMigrations.map(\.queue.name))
        status.differences =
            plan.steps.map(\.difference) + plan.exchangeMigrations.flatMap(\.differences)
            + plan.queueMigrations.filter { !isUnderWay($0) }.flatMap(\.differences)
        status.problems =
            plan.refused.map(\.description)
            + leaderless.subtracting(harmless).sorted().map {
                "queue \($0) has no leader: nothing can be published to it or read from it. Where a restart of the broker does not bring it "
                    + "back, the broker was killed just after the queue was declared, or its data is gone, and what lay in it is lost: "
                    + "`signalbox apply --prune` declares it anew then"
            }
        status.migrations = brokerWatch.migrationTexts.filter { text in migrating.contains { text.hasPrefix("queue \($0): ") } }
        status.undeclared = plan.undeclared.map(\.description)
        guard supervised.map({ brokerDeclaration(for: $0) }) == declaration else { return }
        brokerWatch.status = status
        report(status, before)
        if !harmless.isEmpty {
            logger.warning(
                "declaring anew, because they lost their leader while they were empty: \(harmless.sorted().joined(separator: ", "))")
            try await broker.apply(BrokerPlan.plan(declaration, state, renewing: harmless).renewal(of: harmless))
        }
        let transient = plan.returnOfTransient
        if !transient.steps.isEmpty {
            logger.info("the broker has been restarted: \(transient.steps.map(\.description).joined(separator: "; "))")
            try await broker.apply(transient)
        }
    }

    /// RabbitMQ's write-ahead log does not come back by itself after a full disk, and every quorum queue is down until the broker is started
    /// anew; then all of them have what was in them.
    private func restartStalledBroker() async throws {
        guard supervised?.topology.broker == .managed, let (_, broker) = preparedBroker() else { return }
        brokerWatch.stall.observe(try await broker.quorumQueuesAreDown(), at: .now)
        guard brokerWatch.stall.takeIsDue(at: .now) else { return }
        logger.error("every quorum queue of the broker has been down for a while, as after a full disk: the broker is restarted")
        handle(.restartRequested("broker", actor: "signalbox"))
    }

    private func report(_ status: BrokerStatus, _ before: BrokerStatus?) {
        let known = Set((before?.differences ?? []) + (before?.problems ?? []))
        for difference in status.differences + status.problems where !known.contains(difference) {
            logger.warning("the broker is not as declared: \(difference)")
        }
        if let before, !before.differences.isEmpty, status.differences.isEmpty { logger.info("the broker is as declared again") }
    }

    /// While it is, messages that are sent to the queue through the default exchange may be lost with the old queue.
    func isMigrating(_ queue: String) -> Bool { brokerWatch.asked.contains(queue) || brokerWatch.progress.contains { $0.queue == queue } }

    private func isUnderWay(_ migration: QueueMigration) -> Bool { brokerWatch.progress.contains { $0.queue == migration.queue.name } }

    // MARK: Migrations

    /// Carries on migrations of queues, for as long as the supervisor runs.
    func migrateQueues() async {
        var current: (declaration: BrokerDeclaration, migrator: QueueMigrator)?
        while !Task.isCancelled {
            var pause = Self.migrationPause
            if let (declaration, broker) = preparedBroker(), let url = supervised?.servers.broker?.address.url {
                let mover = AMQPMessageMover(url: url, logger: logger)
                if current?.declaration != declaration {
                    current = (declaration, QueueMigrator(administrator: broker, mover: mover))
                }
                if let current, await advance(current.migrator, declaration) { pause = Self.migrationInterval }
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// - Returns: whether there is more to do at once.
    private func advance(_ migrator: QueueMigrator, _ declaration: BrokerDeclaration) async -> Bool {
        guard !brokerWatch.asked.isEmpty || brokerWatch.isMigrationPossible else { return false }
        do {
            let progress = try await migrator.advance(declaration, asked: brokerWatch.asked)
            for gone in brokerWatch.progress where !progress.contains(where: { $0.queue == gone.queue }) {
                logger.info("the queue \(gone.queue) has been migrated")
                brokerWatch.asked.remove(gone.queue)
            }
            for new in progress where !brokerWatch.progress.contains(where: { $0.queue == new.queue }) {
                logger.info("the queue \(new.queue) is being migrated")
            }
            brokerWatch.progress = progress
            brokerWatch.tellMigrations()
            brokerWatch.isMigrationPossible = !progress.isEmpty
            if progress.isEmpty { brokerWatch.asked = [] }
            return progress.contains { !$0.isWaiting }
        } catch {
            logger.debug("a migration goes on later: \(error)")
            return false
        }
    }

    // MARK: Parts

    /// Nil while the broker is not there, or is being prepared.
    private func preparedBroker() -> (BrokerDeclaration, BrokerAdministrator)? {
        guard let supervised, let broker = clients?.broker, let state = reducer.service(named: "broker"), state.readyCount > 0,
            state.provisioning == .done, !reducer.isShuttingDown
        else { return nil }
        return (brokerDeclaration(for: supervised), administrator(broker, for: supervised))
    }

    func brokerDeclaration(for supervised: SupervisedTopology) -> BrokerDeclaration {
        BrokerDeclaration(topology: supervised.topology, users: supervised.servers.brokerPasswords)
    }

    /// With the way in which new quorum queues are waited for.
    func administrator(_ broker: BrokerAdministrator, for supervised: SupervisedTopology) -> BrokerAdministrator {
        var broker = broker
        broker.settling = settling(for: supervised)
        return broker
    }
}
