/// A span's place in its trace, as it travels with requests and messages (W3C Trace Context, level 1).
package struct SpanContext: Sendable, Equatable {
    /// Bytes of `tracestate` that are passed on (W3C Trace Context, 3.3.1.5); a longer one is left out.
    static let longestState = 512

    package var traceID: TraceID
    package var spanID: SpanID
    /// Whether the span is recorded, and those after it should be.
    package var isSampled: Bool
    /// What other systems of tracing carry beside it, passed on as it came.
    package var state: String?

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Nil where the text is no valid `traceparent`: a broken one is as none (W3C Trace Context, 3.2).
    ///
    /// A later version than 00 is read by its first four fields.
    package init?(traceparent: String?, state: String? = nil) {
        guard let traceparent else { return nil }
        let bytes = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return nil }
        guard let version = Hexadecimal.value(bytes[0..<2]), version != 0xff, let high = Hexadecimal.value(bytes[3..<19]),
            let low = Hexadecimal.value(bytes[19..<35]), let span = Hexadecimal.value(bytes[36..<52]),
            let flags = Hexadecimal.value(bytes[53..<55]), let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        guard bytes.count == 55 || (version != 0 && bytes[55] == dash) else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        isSampled = flags & 1 == 1
        self.state = state.flatMap { $0.isEmpty || $0.utf8.count > Self.longestState ? nil : $0 }
    }

    /// `00-<trace>-<span>-<flags>`
    package var traceparent: String {
        String(unsafeUninitializedCapacity: 55) { buffer in
            let (zero, dash) = (UInt8(ascii: "0"), UInt8(ascii: "-"))
            (buffer[0], buffer[1], buffer[2]) = (zero, zero, dash)
            (buffer[35], buffer[52], buffer[53]) = (dash, dash, zero)
            buffer[54] = isSampled ? zero + 1 : zero
            Hexadecimal.write(traceID.high, into: buffer, at: 3)
            Hexadecimal.write(traceID.low, into: buffer, at: 19)
            Hexadecimal.write(spanID.value, into: buffer, at: 36)
            return 55
        }
    }
}
