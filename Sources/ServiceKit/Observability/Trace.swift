/// A span's place in a trace, as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`.
struct Trace: Sendable, Equatable {
    private static let traceIDBytes = 16
    private static let spanIDBytes = 8

    /// The span in which the running task does its work.
    @TaskLocal static var current: Trace?

    var traceID: String
    var spanID: String
    var flags: String

    /// Nil where the text is no valid traceparent: a broken one is as none (W3C Trace Context, 3.2).
    init?(_ traceparent: String?) {
        guard let parts = traceparent?.split(separator: "-", omittingEmptySubsequences: false), parts.count >= 4, parts[0].count == 2,
            parts[0] != "ff", parts[0] != "00" || parts.count == 4, parts[1].count == 2 * Self.traceIDBytes,
            parts[2].count == 2 * Self.spanIDBytes, parts[3].count == 2,
            parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        spanID = String(parts[2])
        flags = String(parts[3])
    }

    private init(traceID: String, flags: String) {
        self.traceID = traceID
        self.flags = flags
        spanID = Self.random(bytes: Self.spanIDBytes)
    }

    /// A span of a new trace.
    static func root() -> Trace {
        Trace(traceID: random(bytes: traceIDBytes), flags: "01")
    }

    /// A new span in the trace that `traceparent` names, or of a new trace where it names none.
    static func child(of traceparent: String?) -> Trace {
        guard let parent = Trace(traceparent) else { return root() }
        return Trace(traceID: parent.traceID, flags: parent.flags)
    }

    var traceparent: String { "00-\(traceID)-\(spanID)-\(flags)" }

    private static func random(bytes: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text = (0..<bytes * 2).map { _ in digits[Int.random(in: 0..<16)] }
        // All zeros would be invalid.
        if text.allSatisfy({ $0 == digits[0] }) { text[0] = digits[1] }
        return String(decoding: text, as: UTF8.self)
    }
}
