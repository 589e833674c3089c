internal import HTTPClient
public import ServiceKit
internal import Synchronization
internal import TestSupport

/// A service that runs in the test's process, on a `TestBroker` and in its time.
public struct TestService: Sendable {
    static let patience: Duration = .seconds(30)
    /// Longer than anybody waits, as it passes by the test's clock.
    static let grace: Duration = .seconds(3600)
    /// Within it a stop needs none of the test's time.
    static let stopPatience: Duration = .milliseconds(300)
    static let stopStep: Duration = .seconds(1)

    public let application: ServiceApplication
    public let broker: TestBroker
    private let port: Int

    /// - Parameters:
    ///   - name: as in the broker's topology, which tells its queues and the exchange it publishes to.
    ///   - database: nil: it has none.
    ///   - environment: what it reads itself.
    ///   - logger: nobody is told anything unless told otherwise.
    ///   - setUp: what the service's `main` does between making the application and running it.
    public init(
        _ name: String, instance: Int = 1, on broker: TestBroker, database: TestDatabase? = nil, environment: [String: String] = [:],
        logger: Logger? = nil, _ setUp: (ServiceApplication) throws -> Void
    ) throws {
        let service = broker.topology.services[name] ?? TestTopology.Service()
        port = freePort()
        var values = service.environment.merging(environment) { $1 }
        values["SIGNALBOX_SERVICE"] = name
        values["SIGNALBOX_INSTANCE"] = "\(instance)"
        values["PORT"] = "\(port)"
        values["DATABASE_URL"] = database?.url
        values["SIGNALBOX_EVENTS_EXCHANGE"] = service.eventsExchange
        var settings = try ServiceEnvironment(values)
        settings.queues = service.queues
        application = try ServiceApplication(
            environment: settings, logger: logger ?? .silent, broker: broker.serviceBroker(), clock: broker.clock.serviceClock)
        try setUp(application)
        self.broker = broker
    }

    /// Where its routes are.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Runs it while `body` runs, from when it is ready, and stops it in an orderly way.
    /// - Throws: what `body` throws, what the service's run throws, `TestKitError` when it does not become ready.
    public func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let ending = Ending()
        async let running: Void = live(ending)
        do {
            try await becomeReady(ending)
            let value = try await body()
            await stop(ending)
            await running
            try ending.throwFailure()
            return value
        } catch {
            await stop(ending)
            await running
            throw error
        }
    }

    private func live(_ ending: Ending) async {
        do {
            try await application.run(stoppingOn: [], grace: Self.grace)
            ending.end(nil)
        } catch {
            ending.end(error)
        }
    }

    private func becomeReady(_ ending: Ending) async throws {
        let client = HTTPClient()
        try await waitUntil("the readiness of '\(application.environment.service)'", patience: Self.patience) {
            try ending.throwFailure()
            let request = HTTPClient.Request(method: "GET", path: "/health/ready", timeout: .seconds(5))
            return (try? await client.send(request, to: .tcp(host: "127.0.0.1", port: port)))?.status == 200
        }
    }

    /// Lets time pass where the service waits for it to pass before it ends.
    private func stop(_ ending: Ending) async {
        application.shutdown()
        let hurried = ContinuousClock.now + Self.stopPatience
        while !ending.hasEnded {
            try? await Task.sleep(for: .milliseconds(2))
            if .now > hurried { await broker.clock.advance(by: Self.stopStep) }
        }
    }
}

/// Whether the service's run is over, and how it ended.
private final class Ending: Sendable {
    private let state = Mutex<(hasEnded: Bool, failure: (any Error)?)>((false, nil))

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func end(_ failure: (any Error)?) {
        state.withLock { $0 = (true, failure) }
    }

    func throwFailure() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
