import AMQP
import Instrumentation

/// A message's headers as the carrier of a trace's context: `InstrumentationSystem.instrument.extract(headers, into:&context, using:
/// MessageHeaders())`.
struct MessageHeaders: Extractor, Injector {
    func extract(key: String, from carrier: [String: AMQPValue]) -> String? {
        carrier[key]?.string
    }

    func inject(_ value: String, forKey key: String, into carrier: inout [String: AMQPValue]) {
        carrier[key] = .string(value)
    }
}
