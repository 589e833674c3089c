import HTTPTypes
import Instrumentation

/// A request's header fields as the carrier of a trace's context.
struct RequestHeaders: Extractor {
    func extract(key: String, from carrier: HTTPFields) -> String? {
        guard let name = HTTPField.Name(key) else { return nil }
        let values = carrier[values: name]
        // Two `traceparent` are none (W3C Trace Context, 3.2.1); the members of `tracestate` may stand in several fields.
        return key == "tracestate" ? values.joined(separator: ",") : values.count == 1 ? values[0] : nil
    }
}
