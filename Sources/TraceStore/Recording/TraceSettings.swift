/// Where a process's spans go, by its environment.
package struct TraceSettings: Sendable, Equatable {
    package static let folderVariable = "SIGNALBOX_TRACES"
    /// What the supervisor's own environment says of traces holds for every service that does not say otherwise.
    package static let passedVariables = [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
    ]

    /// The local store; nil: there is none.
    package var folder: String?
    /// Nil: no collector is named.
    var exporter: OTLPSettings?
    var sampler: String?
    var samplerArgument: String?
    /// What of the environment could not be understood: it is as if it were not set.
    package private(set) var complaints: [String] = []

    package init(_ environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if value("OTEL_SDK_DISABLED")?.lowercased() == "true" { return }
        folder = value(Self.folderVariable)
        sampler = value("OTEL_TRACES_SAMPLER")
        samplerArgument = value("OTEL_TRACES_SAMPLER_ARG")
        if value("OTEL_TRACES_EXPORTER") == "none" { return }
        do {
            exporter = try OTLPSettings(environment)
        } catch {
            complaints.append(error.message)
        }
    }

    package var sampling: TraceSampling { TraceSampling(sampler: sampler, argument: samplerArgument) }
}
