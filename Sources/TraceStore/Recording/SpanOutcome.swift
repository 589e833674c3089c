/// How a span ended.
package enum SpanOutcome: Sendable, Equatable {
    /// Nobody said.
    case unset
    case ok
    case error(String)

    /// Failed, with the message that is known.
    var orFailed: SpanOutcome {
        if case .error = self { self } else { .error("") }
    }
}
