/// Spans as OTLP's JSON (opentelemetry-proto, JSON Protobuf encoding): for the store's lines and for the exporter's requests alike.
enum OTLPText {
    /// Without a line break.
    static func append(_ span: FinishedSpan, to bytes: inout [UInt8]) {
        // The reader finds a line's trace by these first bytes.
        bytes.append(literal: traceIDPrefix)
        append(span.context.traceID, to: &bytes)
        bytes.append(literal: "\",\"spanId\":\"")
        Hexadecimal.append(span.context.spanID.value, to: &bytes)
        if let parent = span.parent {
            bytes.append(literal: "\",\"parentSpanId\":\"")
            Hexadecimal.append(parent.value, to: &bytes)
        }
        if let state = span.context.state {
            bytes.append(literal: "\",\"traceState\":")
            bytes.append(quoted: state)
            bytes.append(literal: ",\"name\":")
        } else {
            bytes.append(literal: "\",\"name\":")
        }
        bytes.append(quoted: span.name)
        bytes.append(literal: ",\"kind\":")
        bytes.append(number: span.kind.rawValue)
        bytes.append(literal: ",\"startTimeUnixNano\":\"")
        bytes.append(number: span.start)
        bytes.append(literal: "\",\"endTimeUnixNano\":\"")
        bytes.append(number: span.end)
        bytes.append(literal: "\"")
        append(span.attributes, to: &bytes)
        append(span.outcome, to: &bytes)
        append(span.moments, to: &bytes)
        append(span.links, to: &bytes)
        bytes.append(literal: "}")
    }

    /// What stands before and after the spans of a request; between them are commas.
    static func request(of resource: TraceResource) -> (head: [UInt8], tail: [UInt8]) {
        var head: [UInt8] = []
        head.append(literal: "{\"resourceSpans\":[{\"resource\":{")
        var list = SpanAttributeList()
        for (name, value) in resource.attributes { list.add(name, value) }
        append(list, to: &head, isFirst: true)
        head.append(literal: "},\"scopeSpans\":[{\"scope\":{\"name\":\"signalbox\"},\"spans\":[")
        return (head, Array("]}]}]}".utf8))
    }

    static let traceIDPrefix = "{\"traceId\":\""

    private static func append(_ id: TraceID, to bytes: inout [UInt8]) {
        Hexadecimal.append(id.high, to: &bytes)
        Hexadecimal.append(id.low, to: &bytes)
    }

    private static func append(_ attributes: SpanAttributeList, to bytes: inout [UInt8], isFirst: Bool = false) {
        guard !attributes.entries.isEmpty else { return }
        bytes.append(literal: isFirst ? "\"attributes\":[" : ",\"attributes\":[")
        var separator = "{\"key\":"
        for entry in attributes.entries {
            bytes.append(literal: separator)
            bytes.append(quoted: entry.name)
            bytes.append(literal: ",\"value\":{")
            append(entry.value, to: &bytes)
            bytes.append(literal: "}}")
            separator = ",{\"key\":"
        }
        bytes.append(literal: "]")
    }

    private static func append(_ value: SpanValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text):
            bytes.append(literal: "\"stringValue\":")
            bytes.append(quoted: text)
        case .int(let number):
            // 64-bit numbers are strings in protobuf's JSON.
            bytes.append(literal: "\"intValue\":\"")
            bytes.append(number: number)
            bytes.append(literal: "\"")
        case .double(let number):
            bytes.append(literal: "\"doubleValue\":")
            bytes.append(literal: number.isFinite ? "\(number)" : number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        case .bool(let value): bytes.append(literal: value ? "\"boolValue\":true" : "\"boolValue\":false")
        case .strings(let texts):
            bytes.append(literal: "\"arrayValue\":{\"values\":[")
            for (index, text) in texts.enumerated() {
                bytes.append(literal: index == 0 ? "{\"stringValue\":" : ",{\"stringValue\":")
                bytes.append(quoted: text)
                bytes.append(literal: "}")
            }
            bytes.append(literal: "]}")
        }
    }

    private static func append(_ outcome: SpanOutcome, to bytes: inout [UInt8]) {
        switch outcome {
        case .unset: break
        case .ok: bytes.append(literal: ",\"status\":{\"code\":1}")
        case .error(let message):
            bytes.append(literal: ",\"status\":{\"code\":2,\"message\":")
            bytes.append(quoted: message)
            bytes.append(literal: "}")
        }
    }

    private static func append(_ moments: [SpanMoment], to bytes: inout [UInt8]) {
        guard !moments.isEmpty else { return }
        bytes.append(literal: ",\"events\":[")
        for (index, moment) in moments.enumerated() {
            bytes.append(literal: index == 0 ? "{\"timeUnixNano\":\"" : ",{\"timeUnixNano\":\"")
            bytes.append(number: moment.time)
            bytes.append(literal: "\",\"name\":")
            bytes.append(quoted: moment.name)
            append(moment.attributes, to: &bytes)
            bytes.append(literal: "}")
        }
        bytes.append(literal: "]")
    }

    private static func append(_ links: [SpanContext], to bytes: inout [UInt8]) {
        guard !links.isEmpty else { return }
        bytes.append(literal: ",\"links\":[")
        for (index, link) in links.enumerated() {
            bytes.append(literal: index == 0 ? "{\"traceId\":\"" : ",{\"traceId\":\"")
            append(link.traceID, to: &bytes)
            bytes.append(literal: "\",\"spanId\":\"")
            Hexadecimal.append(link.spanID.value, to: &bytes)
            bytes.append(literal: "\"}")
        }
        bytes.append(literal: "]")
    }
}
