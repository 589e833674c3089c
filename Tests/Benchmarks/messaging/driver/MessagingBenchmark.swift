import AMQP
import Glibc
import Logging

/// What is measured of ours: one task a run, as the C loops of `programs` do it.
///
///     messaging-benchmark publish QUEUE COUNT WINDOW BYTES
///     messaging-benchmark publish-batch QUEUE COUNT WINDOW BYTES
///     messaging-benchmark consume QUEUE COUNT PREFETCH
///     messaging-benchmark requests QUEUE COUNT WINDOW BYTES MODE
///
/// The environment has BUS_PORT, BUS_USER and BUS_PASSWORD.
@main
enum MessagingBenchmark {
    static let usage: Int32 = 64
    static let patience: Duration = .seconds(120)

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst(2).map { Int($0) ?? 0 }
        guard let configuration = try configuration(), arguments.count >= 4, let what = arguments.first else { exit(usage) }
        var logger = Logger(label: "benchmark")
        logger.logLevel = .warning
        let bench = Bench(configuration: configuration, logger: logger, queue: arguments[1], count: numbers[0])
        switch (what, numbers.count) {
        case ("publish", 3): try await bench.publish(window: numbers[1], bytes: numbers[2])
        case ("publish-batch", 3): try await bench.publishBatch(window: numbers[1], bytes: numbers[2])
        case ("consume", 2): try await bench.consume(prefetch: numbers[1])
        case ("requests", 4):
            guard let mode = AMQPReplyMode(rawValue: arguments[5]) else { exit(usage) }
            try await bench.request(window: numbers[1], bytes: numbers[2], mode: mode)
        default: exit(usage)
        }
    }

    private static func configuration() throws -> AMQPConfiguration? {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        guard let port = value("BUS_PORT"), let user = value("BUS_USER"), let password = value("BUS_PASSWORD") else { return nil }
        return try AMQPConfiguration(url: "amqp://\(user):\(password)@127.0.0.1:\(port)", connectionName: "benchmark")
    }
}
