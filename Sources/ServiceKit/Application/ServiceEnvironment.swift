import FoundationEssentials
import Glibc

/// What the supervisor hands a service process, read once into values.
public struct ServiceEnvironment: Sendable {
    public static let largestPort = 65535

    /// The service's name in topology.yaml.
    public var service: String
    /// From 1.
    public var instance: Int
    /// The loopback port for HTTP; 0 lets the kernel choose one.
    public var port: Int
    public var amqpURL: String?
    public var databaseURL: String?
    public var redisURL: String?
    public var stateDirectory: String?
    /// The exchange that `Transaction.publish` publishes to.
    public var eventsExchange: String?
    /// By queue name. Nil: the process was started without a supervisor, and each queue has the default settings.
    public var queues: [String: QueueSettings]?
    /// Event types after which cached answers may be stale.
    public var cacheEvents: Set<String>
    /// All variables as they are, for what the service itself reads.
    public var values: [String: String]

    /// - Throws: `.invalidEnvironment` naming the variable, what it holds and what was expected.
    public init(_ values: [String: String]) throws(ServiceError) {
        func text(_ name: String) -> String? {
            values[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        func number(_ name: String, default: Int, in range: ClosedRange<Int>) throws(ServiceError) -> Int {
            guard let text = text(name) else { return `default` }
            guard let value = Int(text), range.contains(value) else {
                throw ServiceError(
                    .invalidEnvironment, "\(name) is '\(text)'; expected a whole number from \(range.lowerBound) to \(range.upperBound).")
            }
            return value
        }
        guard let service = text("SIGNALBOX_SERVICE") else {
            throw ServiceError(
                .invalidEnvironment,
                "SIGNALBOX_SERVICE is not set; the supervisor sets it to the service's name. To run the service by hand, set it yourself.")
        }
        self.service = service
        instance = try number("SIGNALBOX_INSTANCE", default: 1, in: 1...Int(Int32.max))
        port = try number("PORT", default: 0, in: 0...Self.largestPort)
        amqpURL = text("AMQP_URL")
        databaseURL = text("DATABASE_URL")
        redisURL = text("REDIS_URL")
        stateDirectory = text("SIGNALBOX_STATE")
        eventsExchange = text("SIGNALBOX_EVENTS_EXCHANGE")
        queues = try text("SIGNALBOX_QUEUES").map(Self.queues)
        cacheEvents = Set(
            (text("SIGNALBOX_CACHE_EVENTS") ?? "").split(separator: ",").map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty })
        self.values = values
    }

    /// The environment of this process.
    public static func process() throws(ServiceError) -> Self {
        var values: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let pair = String(cString: pointer).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return try Self(values)
    }

    private struct QueueDocument: Decodable {
        var prefetch: Int?
        var immediate: Int?
        var delays: [Double]?
        var retry_exchange: String?
        var single_active_consumer: Bool?
    }

    private static func queues(_ json: String) throws(ServiceError) -> [String: QueueSettings] {
        let documents: [String: QueueDocument]
        do {
            documents = try JSONDecoder().decode([String: QueueDocument].self, from: Data(json.utf8))
        } catch {
            throw ServiceError(
                .invalidEnvironment,
                "SIGNALBOX_QUEUES cannot be understood; expected {\"<queue>\": {\"prefetch\": 64, \"immediate\": 2, \"delays\": [1.0], \"retry_exchange\": \"…\"}}.",
                underlying: error)
        }
        var queues: [String: QueueSettings] = [:]
        for (name, document) in documents {
            let settings = QueueSettings(
                prefetch: document.prefetch ?? QueueSettings.defaultPrefetch,
                immediate: document.immediate ?? QueueSettings.defaultImmediateAttempts,
                delays: (document.delays ?? []).map { .seconds($0) },
                retryExchange: document.retry_exchange.flatMap { $0.isEmpty ? nil : $0 },
                isSingleActiveConsumer: document.single_active_consumer ?? false)
            guard (1...Int(UInt16.max)).contains(settings.prefetch), settings.immediate >= 0, settings.delays.allSatisfy({ $0 > .zero })
            else {
                throw ServiceError(
                    .invalidEnvironment,
                    "SIGNALBOX_QUEUES, queue '\(name)': expected a prefetch from 1 to \(UInt16.max), immediate from 0 and delays over 0.")
            }
            queues[name] = settings
        }
        return queues
    }
}

extension Substring {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> String {
        var rest = drop(while: isTrimmed)
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}
